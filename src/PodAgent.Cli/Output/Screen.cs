using Spectre.Console;

namespace PodAgent.Cli.Output;

/// <summary>Standard output: with colours and live tables on a terminal, plain text in a pipe or with NO_COLOR.</summary>
internal static class Screen
{
    public static IAnsiConsole Console { get; } = Create();

    /// <summary>Whether a person watches, so that a display may redraw itself.</summary>
    public static bool IsTerminal => !System.Console.IsOutputRedirected;

    private static IAnsiConsole Create()
    {
        bool plain = System.Console.IsOutputRedirected || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 };
        return AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = plain ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = plain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Out = new ScreenOutput(),
        });
    }
}
