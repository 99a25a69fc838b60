namespace PodAgent.Cli.Output;

/// <summary>A cell of a table: its text, and the style it has on a terminal (a Spectre.Console style such as "green").</summary>
internal readonly record struct Cell(string Text, string? Style = null)
{
    public static implicit operator Cell(string text) => new(text);
}
