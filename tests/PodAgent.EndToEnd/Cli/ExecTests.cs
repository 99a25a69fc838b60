using PodAgent.EndToEnd.Harness;

namespace PodAgent.EndToEnd.Cli;

/// <summary>podctl exec, with pipes and with a terminal.</summary>
public sealed class ExecTests(AgentFixture agent) : IClassFixture<AgentFixture>, IAsyncLifetime
{
    public async Task InitializeAsync()
    {
        await agent.ApplyAsync(PodYaml.Idle("target", "env: [{name: COLOUR, value: blue}]"));
        await agent.WaitUntilRunningAsync("target");
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData("exit 0", 0)]
    [InlineData("exit 7", 7)]
    [InlineData("exit 255", 255)]
    [InlineData("kill -9 $$", 137)]
    public async Task Exec_ExitCode_IsTheCommands(string script, int expected) => Assert.Equal(expected, (await ExecAsync("sh", "-c", script)).ExitCode);

    [Fact]
    public async Task Exec_OutputAndError_StayApart()
    {
        CommandResult result = await ExecAsync("sh", "-c", "echo out; echo err >&2");

        Assert.Equal(("out\n", "err\n"), (result.Output, result.Error));
    }

    [Fact]
    public async Task Exec_WithInput_PassesItThroughToItsEnd()
    {
        string input = string.Join('\n', Enumerable.Range(0, 100_000));

        CommandResult result = await agent.PodctlWithInputAsync(input, "exec", "-i", "target", "--", "cat");

        Assert.Equal(input, result.Succeeded());
    }

    [Fact]
    public async Task Exec_InputNobodyReads_DoesNotKeepItFromEnding() =>
        Assert.Equal(3, (await agent.PodctlWithInputAsync("unread\n", "exec", "-i", "target", "--", "sh", "-c", "exit 3")).ExitCode);

    [Fact]
    public async Task Exec_UserDirectoryAndEnvironment_CanBeChosen()
    {
        Assert.Equal("1000 1001\n", (await agent.PodctlAsync("exec", "-u", "1000:1001", "target", "--", "sh", "-c", "echo $(id -u) $(id -g)")).Succeeded());
        Assert.Equal("/etc\n", (await agent.PodctlAsync("exec", "-w", "/etc", "target", "--", "pwd")).Succeeded());
        Assert.Equal("blue round\n", (await agent.PodctlAsync("exec", "-e", "SHAPE=round", "target", "--", "sh", "-c", "echo $COLOUR $SHAPE")).Succeeded());
    }

    [Fact]
    public async Task Exec_UnknownUser_IsNamed() =>
        Assert.Contains("user \"nosuch\" not found", (await agent.PodctlAsync("exec", "-u", "nosuch", "target", "--", "id")).Failed(), StringComparison.Ordinal);

    [Theory]
    [InlineData("/nonexistent", "executable file \"/nonexistent\" not found in the container")]
    [InlineData("nonexistent", "executable file \"nonexistent\" not found in the container's PATH")]
    [InlineData("/etc/passwd", "file \"/etc/passwd\" is not executable")]
    public async Task Exec_OfNoProgram_NamesIt(string program, string part)
    {
        CommandResult result = await ExecAsync(program);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(part, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at PodAgent.", agent.AgentLog, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Exec_ManyAtOnce_AllGetTheirOwnOutput()
    {
        CommandResult[] results = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => ExecAsync("echo", $"{i}")));

        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"{i}\n"), results.Select(result => result.Succeeded()));
    }

    [Fact]
    public async Task Terminal_HasTheCallersSizeAndTheExitCode()
    {
        using LineReader terminal = agent.TerminalStart("stty cols 97 rows 31; podctl exec -it target -- sh -c 'tty; stty size; exit 5'");

        Assert.Equal(5, await terminal.EndAsync());
        // The name is one of the container's own devpts, and nothing else is written to the terminal.
        Assert.Collection(terminal.Seen, name => Assert.Matches("^/dev/pts/[0-9]+$", name), size => Assert.Equal("31 97", size));
    }

    [Fact]
    public async Task Terminal_Resized_TellsTheContainer()
    {
        using LineReader terminal = agent.TerminalStart(
            "tty; stty cols 80 rows 24; podctl exec -it target -- sh -c \"trap 'stty size; if stty size | grep -q 33; then kill \\$!; exit 0; fi' WINCH; sleep 1000 & echo ready; while true; do wait; done\"");
        string device = (await terminal.ReadAsync())!;
        await terminal.UntilAsync(line => line.Contains("ready", StringComparison.Ordinal));

        // stty sets one after the other: the container may hear of a size in between.
        (await Command.RunAsync("stty", ["-F", device, "cols", "101", "rows", "33"])).Succeeded();

        await terminal.UntilAsync(line => line == "33 101");
        Assert.Equal(0, await terminal.EndAsync());
    }

    [Fact]
    public async Task Terminal_Key_TravelsWithoutEnter()
    {
        using LineReader terminal = agent.TerminalStart("podctl exec -it target -- sh -c 'stty raw -echo; echo ready; echo got $(dd bs=1 count=1 2>/dev/null)'");
        await terminal.UntilAsync(line => line.Trim() == "ready");

        await terminal.Process.StandardInput.WriteAsync('k');
        await terminal.Process.StandardInput.FlushAsync();

        await terminal.UntilAsync(line => line.Trim() == "got k");
        Assert.Equal(0, await terminal.EndAsync());
    }

    [Fact]
    public async Task Terminal_ControlC_InterruptsTheProcessInTheContainer()
    {
        using LineReader terminal = agent.TerminalStart("podctl exec -it target -- sh -c \"trap 'echo interrupted; exit 9' INT; echo ready; while true; do usleep 10000; done\"");
        await terminal.UntilAsync(line => line.Contains("ready", StringComparison.Ordinal));

        await terminal.Process.StandardInput.WriteAsync('\u0003');
        await terminal.Process.StandardInput.FlushAsync();

        await terminal.UntilAsync(line => line.Contains("interrupted", StringComparison.Ordinal));
        Assert.Equal(9, await terminal.EndAsync());
    }

    private Task<CommandResult> ExecAsync(params string[] command) => agent.PodctlAsync(["exec", "target", "--", .. command]);
}
