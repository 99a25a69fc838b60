using System.CommandLine;
using System.CommandLine.Parsing;
using PodAgent.Api.Json;

namespace PodAgent.Cli.Commands;

/// <summary>
/// Refuses misspelled flags. The command-line library takes a word that begins with a dash and is no option of the command for a name:
/// <c>delete pod web --dry-run</c> would delete "web" and then look for a pod "--dry-run".
/// </summary>
internal static class UnknownFlags
{
    /// <summary>Adds the check to every argument of a command and of those below it, except where anything may stand after <c>--</c>.</summary>
    public static void Refuse(Command command)
    {
        foreach (Argument argument in command.Arguments)
        {
            if (!HoldsForeignWords(argument))
            {
                argument.Validators.Add(result => Check(result, command));
            }
        }

        foreach (Command below in command.Subcommands)
        {
            Refuse(below);
        }
    }

    /// <summary>The words for another program: everything after <c>--</c>, and before it what is no flag.</summary>
    /// <exception cref="CliException">A flag before <c>--</c> that the command does not have.</exception>
    public static string[] ForeignWords(ParseResult arguments, Argument<string[]> argument)
    {
        string[] words = arguments.GetValue(argument)!;
        int dashes = arguments.Tokens.ToList().FindIndex(token => token.Type == TokenType.DoubleDash);
        int after = dashes < 0 ? 0 : arguments.Tokens.Count - dashes - 1;
        return words.Take(words.Length - after).FirstOrDefault(LooksLikeFlag) is { } flag
            ? throw new CliException($"error: unknown flag: {flag}; write the words for the container after --")
            : words;
    }

    /// <summary>The mistake, with the flag that was probably meant.</summary>
    public static string Describe(string flag, Command command)
    {
        string name = flag.Split('=', 2)[0];
        IEnumerable<string> known = Lineage(command).SelectMany((level, depth) => level.Options.Where(option => depth == 0 || option.Recursive))
            .Where(option => !option.Hidden)
            .Select(option => option.Name);
        string? meant = name.StartsWith("--", StringComparison.Ordinal) ? NameSuggestion.For(name, known) : null;
        return $"unknown flag: {flag}{(meant is null ? "" : $", did you mean \"{meant}\"?")}";
    }

    private static IEnumerable<Command> Lineage(Command command)
    {
        for (Command? level = command; level is not null; level = level.Parents.OfType<Command>().FirstOrDefault())
        {
            yield return level;
        }
    }

    private static bool HoldsForeignWords(Argument argument) => argument.Name is "COMMAND" or "ARGS";

    private static void Check(ArgumentResult result, Command command)
    {
        foreach (Token token in result.Tokens.Where(token => LooksLikeFlag(token.Value)))
        {
            result.AddError(Describe(token.Value, command));
        }
    }

    // A lone dash is standard input.
    private static bool LooksLikeFlag(string word) => word.Length > 1 && word[0] == '-';
}
