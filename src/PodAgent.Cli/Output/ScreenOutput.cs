using System.Text;
using PodAgent.Linux.Terminals;
using Spectre.Console;

namespace PodAgent.Cli.Output;

/// <summary>
/// Standard output as tables and live displays see it. The size comes from the kernel: to ask the framework's console for it switches a
/// terminal into application mode.
/// </summary>
internal sealed class ScreenOutput : IAnsiConsoleOutput
{
    // Rows are never folded: a script, or a person with a scroll bar, wants one line per object.
    private const int TerminalWidth = 1000;
    private const int UsualHeight = 24;

    public TextWriter Writer => System.Console.Out;

    public bool IsTerminal => !System.Console.IsOutputRedirected;

    public int Width => IsTerminal ? TerminalWidth : int.MaxValue / 2;

    public int Height => RawTerminal.Size(1)?.Rows ?? UsualHeight;

    public void SetEncoding(Encoding encoding)
    {
    }
}
