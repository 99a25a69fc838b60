using System.Diagnostics.CodeAnalysis;

namespace PodAgent.Api.Meta;

/// <summary>
/// A label selector in kubectl's notation: <c>a=b,c!=d,e in (x,y),f notin (z),g,!h,i&gt;5</c>. All terms must hold.
/// </summary>
public sealed class LabelSelectorExpression
{
    private readonly IReadOnlyList<LabelSelectorTerm> _terms;

    private LabelSelectorExpression(IReadOnlyList<LabelSelectorTerm> terms) => _terms = terms;

    /// <summary>The selector that matches everything.</summary>
    public static LabelSelectorExpression Everything { get; } = new([]);

    /// <summary>Reads a selector; empty text matches everything.</summary>
    /// <param name="text">The selector.</param>
    /// <exception cref="FormatException">Says what is wrong with it and where.</exception>
    public static LabelSelectorExpression Parse(string? text) =>
        TryParse(text, out LabelSelectorExpression? selector, out string? error) ? selector : throw new FormatException(error);

    /// <summary>Reads a selector; empty text matches everything.</summary>
    /// <param name="text">The selector.</param>
    /// <param name="selector">The selector, or null.</param>
    /// <param name="error">What is wrong and where, or null.</param>
    public static bool TryParse(
        string? text, [NotNullWhen(true)] out LabelSelectorExpression? selector, [NotNullWhen(false)] out string? error)
    {
        try
        {
            selector = new LabelSelectorExpression(new LabelSelectorParser(text ?? "").Parse());
            error = null;
            return true;
        }
        catch (FormatException exception)
        {
            selector = null;
            error = exception.Message;
            return false;
        }
    }

    /// <summary>The selector of an API object (<c>matchLabels</c> and <c>matchExpressions</c>).</summary>
    /// <param name="selector">Null matches nothing, an empty one everything, as everywhere in Kubernetes.</param>
    /// <exception cref="FormatException">An operator that does not exist.</exception>
    public static LabelSelectorExpression? From(LabelSelector? selector)
    {
        if (selector is null)
        {
            return null;
        }

        List<LabelSelectorTerm> terms = [.. selector.MatchLabels.Select(pair => new LabelSelectorTerm(pair.Key, LabelSelectorOperator.In, [pair.Value]))];
        foreach (LabelSelectorRequirement requirement in selector.MatchExpressions)
        {
            LabelSelectorOperator op = requirement.Operator switch
            {
                "In" => LabelSelectorOperator.In,
                "NotIn" => LabelSelectorOperator.NotIn,
                "Exists" => LabelSelectorOperator.Exists,
                "DoesNotExist" => LabelSelectorOperator.DoesNotExist,
                _ => throw new FormatException($"label selector operator \"{requirement.Operator}\" is not In, NotIn, Exists or DoesNotExist"),
            };
            terms.Add(new LabelSelectorTerm(requirement.Key, op, [.. requirement.Values]));
        }

        return new LabelSelectorExpression(terms);
    }

    /// <summary>Whether an object with these labels is selected.</summary>
    /// <param name="labels">The object's labels.</param>
    public bool Matches(IEnumerable<KeyValuePair<string, string>> labels)
    {
        if (_terms.Count == 0)
        {
            return true;
        }

        IDictionary<string, string> map = labels as IDictionary<string, string> ?? labels.ToDictionary(StringComparer.Ordinal);
        foreach (LabelSelectorTerm term in _terms)
        {
            if (!term.Matches(map))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The selector in kubectl's notation.</summary>
    public override string ToString() => string.Join(',', _terms);
}
