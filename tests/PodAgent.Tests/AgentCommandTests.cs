using System.CommandLine;
using System.Diagnostics;

namespace PodAgent.Tests;

public class AgentCommandTests
{
    [Theory]
    [InlineData("")]
    [InlineData("cleanup")]
    [InlineData("--root /a --state /b --bridge c")]
    [InlineData("cleanup --root /a --state /b")]
    [InlineData("--root /a cleanup")]
    public void Parse_FlagsBeforeOrAfterTheCommand_AreAccepted(string line) => Assert.Empty(Parse(line).Errors);

    [Theory]
    [InlineData("start")]
    [InlineData("--mtu big")]
    [InlineData("--roots /a")]
    [InlineData("--root")]
    public void Parse_Mistakes_AreRefused(string line) => Assert.NotEmpty(Parse(line).Errors);

    [Fact]
    public async Task Program_WithMistakes_NamesEachOnALineAndFails()
    {
        // Refused before anything is touched: nothing of this machine is in danger.
        var start = new ProcessStartInfo("dotnet") { RedirectStandardError = true, RedirectStandardOutput = true };
        string[] words = [Path.Combine(AppContext.BaseDirectory, "podagent.dll"), "--config", "/dev/null", "--state", "/dev/null/none", "--mtu=1", "--subnet=everything"];
        foreach (string word in words)
        {
            start.ArgumentList.Add(word);
        }

        using Process process = Process.Start(start)!;
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal("error: subnet \"everything\" is not an IPv4 network such as 10.88.0.0/16\nerror: mtu 1 is not between 68 and 65535\n", error);
        Assert.Equal(1, process.ExitCode);
    }

    [Theory]
    [InlineData("start", "unknown command: start")]
    [InlineData("clenup", "unknown command: clenup, did you mean \"cleanup\"?")]
    [InlineData("--roots /a", "unknown flag: --roots, did you mean \"--root\"?")]
    [InlineData("--mtu big", "invalid argument \"big\" for --mtu")]
    public void Mistakes_AreInTheWordsOfPodctl(string line, string expected) =>
        Assert.Equal(expected, AgentUsage.Mistakes(AgentCommand.Create(), Parse(line)).First());

    private static ParseResult Parse(string line) => AgentCommand.Create().Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
