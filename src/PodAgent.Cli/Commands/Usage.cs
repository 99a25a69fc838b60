using System.CommandLine;
using System.CommandLine.Invocation;
using System.Text.RegularExpressions;
using PodAgent.Api.Json;

namespace PodAgent.Cli.Commands;

/// <summary>
/// Runs a command line. Mistakes in it go to standard error in kubectl's form, with a pointer to the help instead of the help itself, so
/// that standard output stays what a script expects of it.
/// </summary>
internal static partial class Usage
{
    public static Task<int> RunAsync(RootCommand root, IReadOnlyList<string> words)
    {
        ParseResult arguments = root.Parse(words);
        if (arguments.Action is not ParseErrorAction)
        {
            return arguments.InvokeAsync();
        }

        Command command = arguments.CommandResult.Command;
        if (command.Subcommands.Count > 0 && arguments.UnmatchedTokens.Count == 0)
        {
            // Only the verb is missing, as in `podctl` or `podctl image`.
            return root.Parse([.. words, "--help"]).InvokeAsync();
        }

        foreach (string mistake in Mistakes(arguments, command))
        {
            Console.Error.WriteLine("error: " + mistake);
        }

        Console.Error.WriteLine($"See '{Path(command)} --help' for usage.");
        return Task.FromResult(1);
    }

    private static IEnumerable<string> Mistakes(ParseResult arguments, Command command)
    {
        if (command.Subcommands.Count > 0)
        {
            string word = arguments.UnmatchedTokens[0];
            return [word.StartsWith('-') ? UnknownFlags.Describe(word, command) : UnknownCommand(word, command)];
        }

        return arguments.Errors.Select(error => WrongType().Replace(error.Message, "invalid argument \"$1\" for $2")).Distinct();
    }

    private static string UnknownCommand(string word, Command command)
    {
        string? meant = NameSuggestion.For(word, command.Subcommands.Where(below => !below.Hidden).Select(below => below.Name));
        return $"unknown command \"{word}\" for \"{Path(command)}\"{(meant is null ? "" : $", did you mean \"{meant}\"?")}";
    }

    private static string Path(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{Path(parent)} {command.Name}" : "podctl";

    /// <summary>The library's words name a type of the program, which is nothing to its users.</summary>
    [GeneratedRegex("^Cannot parse argument '(.*)' for option '(.*)' as expected type .*$")]
    private static partial Regex WrongType();
}
