using System.CommandLine;
using PodAgent.Cli.Commands;

namespace PodAgent.Cli.Tests.Support;

/// <summary>The command line, made once: its options are shared between commands, and made for one command line per program.</summary>
internal static class Podctl
{
    private static readonly RootCommand s_root = PodctlCommand.Create();

    public static ParseResult Parse(params string[] words) => s_root.Parse(words);

    /// <summary>Words of a line without quotes.</summary>
    public static ParseResult ParseLine(string line) => Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
