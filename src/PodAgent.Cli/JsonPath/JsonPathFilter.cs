using System.Globalization;
using System.Text.Json.Nodes;

namespace PodAgent.Cli.JsonPath;

/// <summary>The condition of <c>[?(@.type=="Ready")]</c>, or of <c>[?(@.ready)]</c>: that it is there.</summary>
internal sealed class JsonPathFilter
{
    private static readonly string[] s_operators = ["==", "!=", "<=", ">=", "<", ">"];

    private readonly Func<JsonNode?, IReadOnlyList<string>> _left;
    private readonly string? _operator;
    private readonly Func<JsonNode?, IReadOnlyList<string>>? _right;

    private JsonPathFilter(Func<JsonNode?, IReadOnlyList<string>> left, string? op, Func<JsonNode?, IReadOnlyList<string>>? right) =>
        (_left, _operator, _right) = (left, op, right);

    public static JsonPathFilter Parse(JsonPathText text)
    {
        Func<JsonNode?, IReadOnlyList<string>> left = Operand(text);
        text.SkipSpace();
        string? op = s_operators.FirstOrDefault(text.TryTake);
        return new JsonPathFilter(left, op, op is null ? null : Operand(text));
    }

    public bool Holds(JsonNode? item)
    {
        IReadOnlyList<string> left = _left(item);
        if (_operator is null)
        {
            return left.Count > 0;
        }

        return left is [var one, ..] && _right!(item) is [var other, ..] && Compare(one, other) is var order && _operator switch
        {
            "==" => order == 0,
            "!=" => order != 0,
            "<" => order < 0,
            "<=" => order <= 0,
            ">" => order > 0,
            _ => order >= 0,
        };
    }

    /// <summary>Numbers by value, all else by character.</summary>
    internal static int Compare(string left, string right) =>
        double.TryParse(left, NumberStyles.Float, CultureInfo.InvariantCulture, out double one)
        && double.TryParse(right, NumberStyles.Float, CultureInfo.InvariantCulture, out double other)
            ? one.CompareTo(other)
            : string.CompareOrdinal(left, right);

    private static Func<JsonNode?, IReadOnlyList<string>> Operand(JsonPathText text)
    {
        text.SkipSpace();
        if (text.Next is '\'' or '"')
        {
            string value = text.TakeQuoted();
            return _ => [value];
        }

        if (text.Next is '@' or '$')
        {
            JsonPathExpression path = JsonPathExpression.Parse(text);
            return item => [.. path.Select(item).Select(JsonPathTemplate.Text)];
        }

        string word = text.TakeWord();
        return word.Length > 0 ? _ => [word] : throw text.Unexpected("expected a value");
    }
}
