using System.CommandLine;
using System.CommandLine.Invocation;
using System.Text.RegularExpressions;
using PodAgent.Api.Json;

namespace PodAgent;

/// <summary>Runs a command line. Mistakes in it go to standard error in the form of podctl's, with a pointer to the help instead of the help itself.</summary>
internal static partial class AgentUsage
{
    // By default the library ends the process two seconds after a signal, in the middle of telling clients why their calls end.
    private static readonly InvocationConfiguration s_invocation = new() { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) };

    public static Task<int> RunAsync(RootCommand root, IReadOnlyList<string> words)
    {
        ParseResult arguments = root.Parse(words);
        if (arguments.Action is not ParseErrorAction)
        {
            return arguments.InvokeAsync(s_invocation);
        }

        foreach (string mistake in Mistakes(root, arguments))
        {
            Console.Error.WriteLine("error: " + mistake);
        }

        Console.Error.WriteLine("See 'podagent --help' for usage.");
        return Task.FromResult(1);
    }

    internal static IEnumerable<string> Mistakes(RootCommand root, ParseResult arguments) => arguments.UnmatchedTokens.Count > 0
        ? arguments.UnmatchedTokens.Select(word => Unknown(root, word))
        : arguments.Errors.Select(error => WrongType().Replace(error.Message, "invalid argument \"$1\" for $2")).Distinct();

    private static string Unknown(RootCommand root, string word)
    {
        bool isFlag = word.StartsWith('-');
        string? meant = NameSuggestion.For(
            word.Split('=', 2)[0], isFlag ? root.Options.Select(option => option.Name) : root.Subcommands.Select(command => command.Name));
        return $"unknown {(isFlag ? "flag" : "command")}: {word}{(meant is null ? "" : $", did you mean \"{meant}\"?")}";
    }

    /// <summary>The library's words name a type of the program, which is nothing to its users.</summary>
    [GeneratedRegex("^Cannot parse argument '(.*)' for option '(.*)' as expected type .*$")]
    private static partial Regex WrongType();
}
