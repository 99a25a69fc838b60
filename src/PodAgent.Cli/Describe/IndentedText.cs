using System.Globalization;
using System.Text;
using PodAgent.Cli.Output;

namespace PodAgent.Cli.Describe;

/// <summary>"Name:  value" lines at several depths; within one section the values stand in one column.</summary>
internal sealed class IndentedText(TimeZoneInfo zone)
{
    private readonly StringBuilder _text = new();
    private readonly List<(int Depth, string Name, string Value)> _pending = [];

    /// <summary>Adds a line; its value is aligned with its neighbours of the same depth.</summary>
    public void Add(int depth, string name, string value) => _pending.Add((depth, name, value));

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
    public void Continue(int depth, string value) => _pending.Add((depth, "", value));

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

        // Lines without a value, such as the words of a command, do not push the others' values to the right.
        int column = _pending.Where(line => line.Value.Length > 0 || line.Name.EndsWith(':')).Select(line => (line.Depth * 2) + line.Name.Length).Max() + 2;
        foreach ((int depth, string name, string value) in _pending)
        {
            string left = new string(' ', depth * 2) + name;
            _text.Append(value.Length > 0 ? left.PadRight(column) + value : left).Append('\n');
        }

        _pending.Clear();
    }
}
