using System.Globalization;
using System.Text;
using PodAgent.Cli.Output;

namespace PodAgent.Cli.Describe;

/// <summary>"Name:  value" lines at several depths; within one section the values stand in one column.</summary>
internal sealed class IndentedText(TimeZoneInfo zone)
{
    private readonly StringBuilder _text = new();
    private readonly List<(int Depth, string Name, string Value, bool Aligns)> _pending = [];

    /// <summary>Adds a line; its value is aligned with its neighbours of the same depth.</summary>
    public void Add(int depth, string name, string value) => _pending.Add((depth, name, value, value.Length > 0 || name.EndsWith(':')));

    /// <summary>Adds a line that stands alone among its neighbours, such as a word of a command: its length does not push their values to the right.</summary>
    public void AddAlone(int depth, string text) => _pending.Add((depth, text, "", false));

    /// <summary>A line with a moment in the reader's time zone, in the form of kubectl (RFC 1123 with a numeric zone).</summary>
    public void AddMoment(int depth, string name, Api.Meta.Time? moment)
    {
        if (moment is null)
        {
            Add(depth, name, "<unknown>");
            return;
        }

        DateTimeOffset local = TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeSeconds(moment.Seconds), zone);
        string offset = local.ToString("zzz", CultureInfo.InvariantCulture).Replace(":", "", StringComparison.Ordinal);
        Add(depth, name, local.ToString("ddd, dd MMM yyyy HH:mm:ss ", CultureInfo.InvariantCulture) + offset);
    }

    /// <summary>A line without a name under the value column of the line before.</summary>
    public void Continue(int depth, string value) => _pending.Add((depth, "", value, true));

    /// <summary>The lines that follow have a column of their own.</summary>
    public void EndSection() => Flush();

    /// <summary>A heading, or a line that stands alone.</summary>
    public void Line(int depth, string text)
    {
        Flush();
        _text.Append(' ', depth * 2).Append(text).Append('\n');
    }

    public override string ToString()
    {
        Flush();
        return TerminalText.Visible(_text.ToString());
    }

    private void Flush()
    {
        if (_pending.Count == 0)
        {
            return;
        }

        int column = _pending.Where(line => line.Aligns).Select(line => (line.Depth * 2) + line.Name.Length).DefaultIfEmpty().Max() + 2;
        foreach ((int depth, string name, string value, _) in _pending)
        {
            string left = new string(' ', depth * 2) + name;
            _text.Append(value.Length > 0 ? left.PadRight(column) + value : left).Append('\n');
        }

        _pending.Clear();
    }
}
