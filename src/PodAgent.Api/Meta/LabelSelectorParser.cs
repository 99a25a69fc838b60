using PodAgent.Api.Validation;

namespace PodAgent.Api.Meta;

/// <summary>
/// <code>
/// selector = term *( "," term )
/// term     = "!" key | key [ ("=" | "==" | "!=") value | ("in" | "notin") "(" value *( "," value ) ")" | ("&gt;" | "&lt;") integer ]
/// </code>
/// </summary>
internal sealed class LabelSelectorParser(string text)
{
    private int _position;

    public IReadOnlyList<LabelSelectorTerm> Parse()
    {
        List<LabelSelectorTerm> terms = [];
        SkipSpace();
        if (_position == text.Length)
        {
            return terms;
        }

        while (true)
        {
            terms.Add(ParseTerm());
            if (_position == text.Length)
            {
                return terms;
            }

            Expect(',');
        }
    }

    private LabelSelectorTerm ParseTerm()
    {
        if (Accept("!"))
        {
            return new LabelSelectorTerm(ParseKey(), LabelSelectorOperator.DoesNotExist, []);
        }

        string key = ParseKey();
        if (_position == text.Length || text[_position] == ',')
        {
            return new LabelSelectorTerm(key, LabelSelectorOperator.Exists, []);
        }

        if (Accept("!="))
        {
            return new LabelSelectorTerm(key, LabelSelectorOperator.NotIn, [ParseValue()]);
        }

        if (Accept("==") || Accept("="))
        {
            return new LabelSelectorTerm(key, LabelSelectorOperator.In, [ParseValue()]);
        }

        if (Accept(">"))
        {
            return new LabelSelectorTerm(key, LabelSelectorOperator.GreaterThan, [ParseNumber()]);
        }

        if (Accept("<"))
        {
            return new LabelSelectorTerm(key, LabelSelectorOperator.LessThan, [ParseNumber()]);
        }

        int start = _position;
        string word = ReadWord();
        return word switch
        {
            "in" => new LabelSelectorTerm(key, LabelSelectorOperator.In, ParseValues()),
            "notin" => new LabelSelectorTerm(key, LabelSelectorOperator.NotIn, ParseValues()),
            _ => throw Error(start, "expected one of: , = == != in notin > <"),
        };
    }

    private string ParseKey()
    {
        int start = _position;
        string key = ReadWord();
        return NameRules.QualifiedName(key) is [var problem, ..] ? throw Error(start, $"invalid label key \"{key}\": {problem}") : key;
    }

    private string ParseValue()
    {
        int start = _position;
        string value = ReadWord();
        return NameRules.LabelValue(value) is [var problem, ..] ? throw Error(start, $"invalid label value \"{value}\": {problem}") : value;
    }

    private string ParseNumber()
    {
        int start = _position;
        string value = ReadWord();
        return LabelSelectorTerm.TryNumber(value, out _) ? value : throw Error(start, $"expected an integer, got \"{value}\"");
    }

    private List<string> ParseValues()
    {
        Expect('(');
        List<string> values = [ParseValue()];
        while (Accept(","))
        {
            values.Add(ParseValue());
        }

        Expect(')');
        return values;
    }

    private string ReadWord()
    {
        int start = _position;
        while (_position < text.Length && text[_position] is not (',' or '=' or '!' or '(' or ')' or '>' or '<' or ' ' or '\t'))
        {
            _position++;
        }

        string word = text[start.._position];
        SkipSpace();
        return word;
    }

    private bool Accept(string token)
    {
        if (!text.AsSpan(_position).StartsWith(token, StringComparison.Ordinal))
        {
            return false;
        }

        _position += token.Length;
        SkipSpace();
        return true;
    }

    private void Expect(char token)
    {
        if (!Accept(token.ToString()))
        {
            throw Error(_position, $"expected \"{token}\"");
        }
    }

    private void SkipSpace()
    {
        while (_position < text.Length && text[_position] is ' ' or '\t')
        {
            _position++;
        }
    }

    private FormatException Error(int position, string problem) =>
        new($"cannot read label selector \"{text}\": {problem} at position {position + 1}");
}
