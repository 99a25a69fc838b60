using PodAgent.Api.Core;
using PodAgent.EndToEnd.Harness;

namespace PodAgent.EndToEnd.Cli;

/// <summary>podctl run.</summary>
public sealed class RunTests(AgentFixture agent) : IClassFixture<AgentFixture>
{
    [Fact]
    public async Task Run_Never_EndsAndKeepsItsLog()
    {
        Assert.Equal("pod/once created\n", (await agent.PodctlAsync("run", "once", "--image", PodYaml.Busybox, "--restart=Never", "-e", "WHO=you", "--", "sh", "-c", "echo hello $WHO")).Succeeded());
        (await agent.PodctlAsync("wait", "--for=phase=Succeeded", "pod/once")).Succeeded();

        Assert.Equal("hello you\n", (await agent.PodctlAsync("logs", "once")).Succeeded());
    }

    [Fact]
    public async Task Run_Interactive_PassesInputAndRemovesThePod()
    {
        CommandResult result = await agent.PodctlWithInputAsync("through the pod\n",
            "run", "piped", "--rm", "-i", "--restart=Never", "--image", PodYaml.Busybox, "--", "sh", "-c", "cat; exit 6");

        Assert.Equal(6, result.ExitCode);
        Assert.Equal("through the pod\n", result.Output);
        Assert.Contains("pod \"piped\" deleted", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("piped", await agent.PodNamesAsync());
    }

    [Fact]
    public async Task Run_InteractiveThatEndsAtOnce_StillShowsWhatItSaid()
    {
        CommandResult result = await agent.PodctlAsync("run", "quick", "--rm", "-i", "--restart=Never", "--image", PodYaml.Busybox, "--", "sh", "-c", "echo hello; exit 4");

        Assert.Equal((4, "hello\n", "pod \"quick\" deleted\n"), (result.ExitCode, result.Output, result.Error));
        Assert.DoesNotContain("quick", await agent.PodNamesAsync());
    }

    [Fact]
    public async Task Run_InteractiveThatSpeaksAtOnceAndLater_ShowsEverythingOnce()
    {
        CommandResult result = await agent.PodctlWithInputAsync("you\n",
            "run", "early", "--rm", "-i", "--restart=Never", "--image", PodYaml.Busybox, "--",
            "sh", "-c", "seq 1000; echo problem >&2; printf 'name? '; read name; echo hello $name; usleep 300000; echo bye; exit 5");

        Assert.Equal(5, result.ExitCode);
        Assert.Equal(string.Concat(Enumerable.Range(1, 1000).Select(number => $"{number}\n")) + "name? hello you\nbye\n", result.Output);
        Assert.StartsWith("problem\n", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_OnATerminal_IsAShellUntilItsExit()
    {
        using LineReader terminal = agent.TerminalStart($"podctl run term --rm -it --restart=Never --image {PodYaml.Busybox} -- sh -c 'read name; echo hello $name; exit 3'");
        await agent.WaitForPodAsync("term", pod => pod.Status.ContainerStatuses is [{ State.Running: not null }]);

        await terminal.Process.StandardInput.WriteAsync("you\n");
        await terminal.Process.StandardInput.FlushAsync();

        await terminal.UntilAsync(line => line.Contains("hello you", StringComparison.Ordinal));
        Assert.Equal(3, await terminal.EndAsync());
        Assert.DoesNotContain("term", await agent.PodNamesAsync());
    }

    [Fact]
    public async Task Run_WithImageThatIsMissing_SaysSoAndRemovesThePod()
    {
        CommandResult result = await agent.PodctlAsync("run", "absent", "--rm", "-i", "--restart=Never", "--image", "registry.invalid/nothing:1");

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("registry.invalid/nothing:1", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("absent", await agent.PodNamesAsync());
    }

    [Fact]
    public async Task Attach_ToARunningContainer_SeesItsOutput()
    {
        (await agent.PodctlAsync("run", "talks", "--image", PodYaml.Busybox, "--", "sh", "-c", "while true; do echo tick; usleep 50000; done")).Succeeded();
        Pod pod = await agent.WaitUntilRunningAsync("talks");
        using LineReader attached = agent.PodctlStart("attach", "talks");
        await attached.UntilAsync(line => line == "tick");

        (await Command.RunAsync("kill", ["-KILL", $"{await agent.HostPidAsync(pod, "talks")}"])).Succeeded();

        Assert.Equal(137, await attached.EndAsync());
    }
}
