using System.Text;
using Spectre.Console;

namespace PodAgent.Cli.Output;

/// <summary>
/// Columns the way kubectl prints them: upper-case headings, as wide as their widest cell, three spaces apart, nothing after the last.
/// On a terminal, cells that carry a style are coloured; in a pipe there are only characters.
/// </summary>
internal sealed class TextTable(params string[] headings)
{
    private const int Gap = 3;

    private readonly List<Cell[]> _rows = [];
    private readonly int[] _widths = [.. headings.Select(heading => heading.Length)];

    public int Count => _rows.Count;

    public void Add(params Cell[] cells)
    {
        Cell[] row = [.. cells.Select(cell => cell with { Text = TerminalText.OneLine(cell.Text) })];
        for (int i = 0; i < row.Length; i++)
        {
            _widths[i] = Math.Max(_widths[i], row[i].Text.Length);
        }

        _rows.Add(row);
    }

    /// <summary>Writes headings and rows, or only the rows.</summary>
    public void Write(IAnsiConsole console, bool withHeadings = true)
    {
        if (withHeadings)
        {
            console.Write(new Text(Line(headings.Select(heading => new Cell(heading)))));
        }

        foreach (Cell[] row in _rows)
        {
            console.Markup(Markup(row));
        }
    }

    /// <summary>Forgets the rows but keeps the widths, so that later rows stand under the same headings.</summary>
    public void Clear() => _rows.Clear();

    /// <summary>All lines with markup, for a live display.</summary>
    public string MarkupLines()
    {
        var text = new StringBuilder(Spectre.Console.Markup.Escape(Line(headings.Select(heading => new Cell(heading)))));
        foreach (Cell[] row in _rows)
        {
            text.Append(Markup(row));
        }

        return text.ToString().TrimEnd('\n');
    }

    private string Line(IEnumerable<Cell> cells)
    {
        string[] padded = [.. cells.Select((cell, i) => cell.Text.PadRight(_widths[i] + Gap))];
        return string.Concat(padded).TrimEnd() + "\n";
    }

    private string Markup(Cell[] cells)
    {
        var line = new StringBuilder();
        for (int i = 0; i < cells.Length; i++)
        {
            string text = Spectre.Console.Markup.Escape(cells[i].Text);
            line.Append(cells[i].Style is { } style ? $"[{style}]{text}[/]" : text);
            if (i < cells.Length - 1)
            {
                line.Append(' ', _widths[i] - cells[i].Text.Length + Gap);
            }
        }

        return line.Append('\n').ToString();
    }
}
