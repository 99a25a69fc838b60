using System.Globalization;

namespace PodAgent.Api.Meta;

internal enum LabelSelectorOperator
{
    In,
    NotIn,
    Exists,
    DoesNotExist,
    GreaterThan,
    LessThan,
}

/// <summary>One condition of a label selector.</summary>
internal sealed record LabelSelectorTerm(string Key, LabelSelectorOperator Operator, IReadOnlyList<string> Values)
{
    public bool Matches(IDictionary<string, string> labels)
    {
        bool exists = labels.TryGetValue(Key, out string? value);
        return Operator switch
        {
            LabelSelectorOperator.In => exists && Values.Contains(value!, StringComparer.Ordinal),
            // An object without the label is not one of those values either.
            LabelSelectorOperator.NotIn => !exists || !Values.Contains(value!, StringComparer.Ordinal),
            LabelSelectorOperator.Exists => exists,
            LabelSelectorOperator.DoesNotExist => !exists,
            LabelSelectorOperator.GreaterThan => exists && TryNumber(value!, out long number) && number > Number(Values[0]),
            _ => exists && TryNumber(value!, out long number) && number < Number(Values[0]),
        };
    }

    public override string ToString() => Operator switch
    {
        LabelSelectorOperator.In when Values.Count == 1 => $"{Key}={Values[0]}",
        LabelSelectorOperator.NotIn when Values.Count == 1 => $"{Key}!={Values[0]}",
        LabelSelectorOperator.In => $"{Key} in ({string.Join(',', Values)})",
        LabelSelectorOperator.NotIn => $"{Key} notin ({string.Join(',', Values)})",
        LabelSelectorOperator.Exists => Key,
        LabelSelectorOperator.DoesNotExist => $"!{Key}",
        LabelSelectorOperator.GreaterThan => $"{Key}>{Values[0]}",
        _ => $"{Key}<{Values[0]}",
    };

    internal static bool TryNumber(string text, out long number) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);

    private static long Number(string text) => long.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
}
