using System.Globalization;
using System.Text;

namespace PodAgent.Images.Registry.Hosts;

/// <summary>
/// Reads as much of TOML 1.0 as <c>hosts.toml</c> files use: tables, dotted and quoted keys, one-line strings, whole numbers, booleans,
/// arrays, inline tables, comments. The rest (dates, floats, multi-line strings, arrays of tables) is an error, never skipped.
/// </summary>
internal sealed class TomlReader
{
    private const int MaxDepth = 16;
    private readonly string _text;
    private int _at;
    private int _line = 1;

    private TomlReader(string text) => _text = text;

    private char Current => _at < _text.Length ? _text[_at] : '\0';

    /// <summary>Reads a document.</summary>
    /// <exception cref="TomlException">It is malformed, or uses a form that is not supported.</exception>
    public static TomlTable Parse(string text) => new TomlReader(text.Replace("\r\n", "\n", StringComparison.Ordinal)).Document();

    private static bool IsBare(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '-';

    private TomlTable Document()
    {
        var root = new TomlTable(1);
        TomlTable table = root;
        while (SkipToContent())
        {
            if (Current == '[')
            {
                table = Header(root);
            }
            else
            {
                Pair(table, 0);
            }

            EndOfLine();
        }

        return root;
    }

    private TomlTable Header(TomlTable root)
    {
        int line = _line;
        _at++;
        if (Current == '[')
        {
            throw Wrong("arrays of tables are not supported");
        }

        TomlTable table = root;
        foreach (string key in Keys())
        {
            table = table.Table(key, line);
        }

        Expect(']');
        if (table.HasHeader)
        {
            throw new TomlException(line, "the table is there twice");
        }

        table.HasHeader = true;
        return table;
    }

    private void Pair(TomlTable table, int depth)
    {
        int line = _line;
        List<string> keys = Keys();
        Expect('=');
        foreach (string key in keys.SkipLast(1))
        {
            table = table.Table(key, line);
        }

        SkipBlanks();
        table.Add(keys[^1], Value(depth), line);
    }

    private List<string> Keys()
    {
        var keys = new List<string>();
        do
        {
            if (keys.Count > 0)
            {
                _at++;
            }

            SkipBlanks();
            keys.Add(Key());
            SkipBlanks();
        }
        while (Current == '.');

        return keys;
    }

    private string Key()
    {
        if (Current is '"' or '\'')
        {
            return Text();
        }

        int start = _at;
        while (IsBare(Current))
        {
            _at++;
        }

        return _at > start ? _text[start.._at] : throw Wrong("a key is expected");
    }

    private object Value(int depth)
    {
        if (depth > MaxDepth)
        {
            throw Wrong("values are nested too deeply");
        }

        switch (Current)
        {
            case '"' or '\'':
                return Text();
            case '[':
                return Array(depth);
            case '{':
                return InlineTable(depth);
        }

        int start = _at;
        while (IsBare(Current) || Current is '+' or '.' or ':')
        {
            _at++;
        }

        string word = _text[start.._at];
        string digits = word.Replace("_", "", StringComparison.Ordinal);
        return word switch
        {
            "true" => true,
            "false" => false,
            "" => throw Wrong("a value is expected"),
            _ => long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
                ? number
                : throw Wrong($"\"{word}\" is no string in quotes, whole number, true or false"),
        };
    }

    private List<object> Array(int depth)
    {
        var values = new List<object>();
        _at++;
        while (true)
        {
            SkipToContent();
            if (Current == ']')
            {
                break;
            }

            values.Add(Value(depth + 1));
            SkipToContent();
            if (Current == ',')
            {
                _at++;
            }
            else if (Current != ']')
            {
                throw Wrong("',' or ']' is expected");
            }
        }

        _at++;
        return values;
    }

    private TomlTable InlineTable(int depth)
    {
        var table = new TomlTable(_line) { HasHeader = true };
        _at++;
        SkipBlanks();
        while (Current != '}')
        {
            Pair(table, depth + 1);
            SkipBlanks();
            if (Current == ',')
            {
                _at++;
                SkipBlanks();
            }
            else if (Current != '}')
            {
                throw Wrong("',' or '}' is expected");
            }
        }

        _at++;
        return table;
    }

    private string Text()
    {
        char quote = Current;
        if (string.CompareOrdinal(_text, _at, new string(quote, 3), 0, 3) == 0)
        {
            throw Wrong("multi-line strings are not supported");
        }

        _at++;
        var text = new StringBuilder();
        while (Current != quote)
        {
            char c = Current;
            if (c == '\n' || _at >= _text.Length)
            {
                throw Wrong("a string does not end");
            }

            if (char.IsControl(c) && c != '\t')
            {
                throw Wrong("a string holds a control character");
            }

            _at++;
            text.Append(c == '\\' && quote == '"' ? Escape() : c.ToString());
        }

        _at++;
        return text.ToString();
    }

    private string Escape()
    {
        char c = Current;
        _at++;
        switch (c)
        {
            case '"' or '\\':
                return c.ToString();
            case 't':
                return "\t";
            case 'n':
                return "\n";
            case 'r':
                return "\r";
            case 'u' or 'U':
                int digits = c == 'u' ? 4 : 8;
                if (_at + digits <= _text.Length
                    && int.TryParse(_text.AsSpan(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value)
                    && Rune.IsValid(value))
                {
                    _at += digits;
                    return new Rune(value).ToString();
                }

                throw Wrong("a malformed \\u escape");
            default:
                throw Wrong($"unknown escape \"\\{c}\"");
        }
    }

    // False at the end of the text.
    private bool SkipToContent()
    {
        while (_at < _text.Length)
        {
            char c = Current;
            if (c == '#')
            {
                SkipComment();
            }
            else if (c is ' ' or '\t' or '\n')
            {
                _line += c == '\n' ? 1 : 0;
                _at++;
            }
            else
            {
                return true;
            }
        }

        return false;
    }

    private void SkipBlanks()
    {
        while (Current is ' ' or '\t')
        {
            _at++;
        }
    }

    private void SkipComment()
    {
        while (_at < _text.Length && Current != '\n')
        {
            _at++;
        }
    }

    private void EndOfLine()
    {
        SkipBlanks();
        if (Current == '#')
        {
            SkipComment();
        }

        if (_at < _text.Length && Current != '\n')
        {
            throw Wrong("the end of the line is expected");
        }
    }

    private void Expect(char c)
    {
        SkipBlanks();
        if (Current != c)
        {
            throw Wrong($"'{c}' is expected");
        }

        _at++;
    }

    private TomlException Wrong(string problem) => new(_line, problem);
}
