using System.CommandLine;
using System.CommandLine.Help;
using System.Text.RegularExpressions;
using PodAgent.Cli.Commands;

namespace PodAgent.Cli.Tests.Commands;

/// <summary>docs/cli.md against the commands that there are.</summary>
public class DocumentationTests
{
    private static readonly string s_text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "cli.md"));

    [Fact]
    public void Documentation_EveryCommandAndOption_IsNamed() => Assert.Empty(Missing(PodctlCommand.Create(), "podctl"));

    [Fact]
    public void Documentation_EveryOptionThatItNames_IsThere()
    {
        HashSet<string> there = [.. Options(PodctlCommand.Create()).SelectMany(option => option.Aliases.Append(option.Name))];

        // Those of commands in containers and of kubectl's values are in backticks or behind "--", not in the lines of usage.
        IEnumerable<string> usage = s_text.Split('\n').Where(line => line.StartsWith("    podctl ", StringComparison.Ordinal) || line.StartsWith("      [-", StringComparison.Ordinal));
        IEnumerable<string> named = usage.SelectMany(line => Regex.Matches(line.Split(" -- ")[0], @"(?<=[\s\[|])--[a-z][a-z-]+").Select(match => match.Value));

        Assert.Empty(named.Where(option => !there.Contains(option)).Distinct());
    }

    private static IEnumerable<string> Missing(Command command, string path)
    {
        foreach (Option option in command.Options.Where(IsOurs))
        {
            if (!option.Aliases.Append(option.Name).Any(name => Regex.IsMatch(s_text, $@"(?<![\w-]){Regex.Escape(name)}(?![\w-])")))
            {
                yield return $"{path} {option.Name}";
            }
        }

        foreach (Command below in command.Subcommands.Where(below => !below.Hidden))
        {
            if (!s_text.Contains($"{path} {below.Name}", StringComparison.Ordinal))
            {
                yield return $"{path} {below.Name}";
            }

            foreach (string missing in Missing(below, $"{path} {below.Name}"))
            {
                yield return missing;
            }
        }
    }

    private static IEnumerable<Option> Options(Command command) => command.Options.Concat(command.Subcommands.SelectMany(Options));

    private static bool IsOurs(Option option) => !option.Hidden && option is not (HelpOption or VersionOption);
}
