using System.CommandLine;
using PodAgent.Cli.Commands;
using PodAgent.Cli.Help;
using PodAgent.Cli.Tests.Support;

namespace PodAgent.Cli.Tests.Help;

public class CommandExamplesTests
{
    public static TheoryData<string> Commands => [.. Leaves(PodctlCommand.Create()).Select(CommandExamples.Path)];

    [Theory]
    [MemberData(nameof(Commands))]
    public void Of_EachCommand_HasExamplesThatParse(string path)
    {
        Command command = Podctl.ParseLine(path).CommandResult.Command;
        string? examples = CommandExamples.Of(command);

        Assert.False(string.IsNullOrEmpty(examples), $"podctl {path} has no example");
        foreach (string line in examples.Split('\n').Where(line => line.StartsWith("podctl ", StringComparison.Ordinal)))
        {
            string words = line["podctl ".Length..].Split(['#', '>', '|'])[0].Replace("'", "", StringComparison.Ordinal).Trim();
            Assert.True(Podctl.ParseLine(words).Errors.Count == 0, line);
        }
    }

    private static IEnumerable<Command> Leaves(Command command) => command.Subcommands.Count == 0
        ? [command]
        : command.Subcommands.Where(below => !below.Hidden).SelectMany(Leaves);
}
