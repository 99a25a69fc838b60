using System.Globalization;
using System.Text;

namespace PodAgent.Cli.JsonPath;

/// <summary>The characters of an expression, read once from left to right.</summary>
internal sealed class JsonPathText(string text)
{
    private int _position;

    public bool AtEnd => _position >= text.Length;

    public char Next => AtEnd ? '\0' : text[_position];

    public bool TryTake(string word)
    {
        if (!text.AsSpan(_position).StartsWith(word))
        {
            return false;
        }

        _position += word.Length;
        return true;
    }

    public void Take(string word)
    {
        if (!TryTake(word))
        {
            throw Unexpected($"expected \"{word}\"");
        }
    }

    public void SkipSpace()
    {
        while (Next is ' ' or '\t' or '\n' or '\r')
        {
            _position++;
        }
    }

    /// <summary>A field's name: up to the next dot, bracket, brace or space, with a backslash before one that belongs to it.</summary>
    public string TakeName()
    {
        var name = new StringBuilder();
        while (!AtEnd && Next is not ('.' or '[' or ']' or ' ' or '\t' or '\n' or ')' or ',' or '=' or '!' or '<' or '>' or '}'))
        {
            if (Next == '\\' && _position + 1 < text.Length)
            {
                _position++;
            }

            name.Append(text[_position++]);
        }

        return name.Length > 0 ? name.ToString() : throw Unexpected("expected a field's name");
    }

    /// <summary>A string in the quotes that come next.</summary>
    public string TakeQuoted()
    {
        char quote = Next;
        _position++;
        var value = new StringBuilder();
        while (Next != quote)
        {
            if (AtEnd)
            {
                throw Unexpected("a string does not end");
            }

            char c = text[_position++];
            if (c == '\\' && !AtEnd)
            {
                c = text[_position++] switch
                {
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    var other => other,
                };
            }

            value.Append(c);
        }

        _position++;
        return value.ToString();
    }

    public int? TakeNumber()
    {
        int start = _position;
        if (Next is '-' or '+')
        {
            _position++;
        }

        while (char.IsAsciiDigit(Next))
        {
            _position++;
        }

        return int.TryParse(text.AsSpan(start, _position - start), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)
            ? number
            : _position == start ? null : throw Unexpected("expected a number");
    }

    /// <summary>A bare word of a filter: a number, true, false, null.</summary>
    public string TakeWord()
    {
        int start = _position;
        while (!AtEnd && Next is not (' ' or ')' or ']' or '&' or '|'))
        {
            _position++;
        }

        return text[start.._position];
    }

    public JsonPathException Unexpected(string problem) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{problem} at character {_position + 1} of \"{text}\""));
}
