using PodAgent.Cli.Output;
using Spectre.Console;

namespace PodAgent.Cli.Tests.Output;

public class TextTableTests
{
    [Fact]
    public void Write_RowsOfDifferentWidths_AlignsColumnsThreeSpacesApart()
    {
        var table = new TextTable("NAME", "STATUS", "AGE");
        table.Add("a", new Cell("Running", "green"), "5s");
        table.Add("longer", "Error", "3d4h");

        Assert.Equal("NAME     STATUS    AGE\na        Running   5s\nlonger   Error     3d4h\n", Print(table));
    }

    [Fact]
    public void Write_TextThatLooksLikeMarkup_IsPrintedAsItIs()
    {
        var table = new TextTable("MESSAGE");
        table.Add(new Cell("exec [sh -c true]", "red"));

        Assert.Equal("MESSAGE\nexec [sh -c true]\n", Print(table));
    }

    [Fact]
    public void Write_VeryLongCell_StaysOnOneLine()
    {
        var table = new TextTable("MESSAGE");
        table.Add(new string('x', 5000));

        Assert.Equal(2, Print(table).Count(c => c == '\n'));
    }

    [Fact]
    public void Clear_KeepsWidths_SoThatLaterRowsStandUnderTheHeadings()
    {
        var table = new TextTable("NAME", "AGE");
        table.Add("longer", "5s");
        table.Clear();
        table.Add("a", "6s");

        Assert.Equal("a        6s\n", Print(table, withHeadings: false));
    }

    [Fact]
    public void MarkupLines_StyledCell_CarriesItsStyle()
    {
        var table = new TextTable("STATUS");
        table.Add(new Cell("Running", "green"));

        Assert.Equal("STATUS\n[green]Running[/]", table.MarkupLines());
    }

    private static string Print(TextTable table, bool withHeadings = true)
    {
        var text = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(text),
        });
        console.Profile.Width = int.MaxValue / 2;
        table.Write(console, withHeadings);
        return text.ToString();
    }
}
