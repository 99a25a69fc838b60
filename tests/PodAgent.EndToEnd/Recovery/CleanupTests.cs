using PodAgent.EndToEnd.Harness;

namespace PodAgent.EndToEnd.Recovery;

/// <summary><c>podagent cleanup</c> after the agent was killed with pods of every kind.</summary>
public sealed class CleanupTests
{
    [Fact]
    public async Task Cleanup_AfterAKill_LeavesNothing()
    {
        var agent = new AgentFixture();
        await agent.InitializeAsync();
        try
        {
            await agent.ApplyAsync(PodYaml.Idle("one", "ports: [{containerPort: 80, hostPort: 18388}]\nvolumeMounts: [{name: m, mountPath: /m}]", "volumes: [{name: m, emptyDir: {medium: Memory}}]"));
            await agent.ApplyAsync(PodYaml.Idle("two", spec: "shareProcessNamespace: true"));
            await agent.ApplyAsync(PodYaml.Idle("three", spec: "hostNetwork: true"));
            await agent.WaitUntilRunningAsync("one");
            await agent.WaitUntilRunningAsync("two");
            await agent.WaitUntilRunningAsync("three");
            Assert.NotEmpty(await Traces.OfAsync(agent));
            await agent.KillAgentAsync();

            (await agent.CleanupAsync()).Succeeded();

            Assert.Empty(await Traces.OfAsync(agent));
            Assert.False(System.IO.Directory.Exists(agent.State));
            // It may be called again, by hand after a failed uninstallation for example.
            (await agent.CleanupAsync()).Succeeded();
        }
        finally
        {
            await agent.DisposeAsync();
        }
    }

    [Fact]
    public async Task Cleanup_WithoutTheStateDirectory_LeavesNothingInTheKernel()
    {
        var agent = new AgentFixture();
        await agent.InitializeAsync();
        try
        {
            await agent.ApplyAsync(PodYaml.Idle("lost", "ports: [{containerPort: 80, hostPort: 18389}]"));
            int pid = await agent.HostPidAsync(await agent.WaitUntilRunningAsync("lost"), "c");
            using System.Diagnostics.Process supervisor = Traces.ParentOf(pid);
            await agent.KillAgentAsync();
            // As when the tmpfs is emptied by hand: mounts first.
            (await Command.RunAsync("sh", ["-c", $"grep -o ' {agent.State}/[^ ]*' /proc/mounts | xargs -r umount -l; rm -rf {agent.State}"])).Succeeded();

            (await agent.CleanupAsync()).Succeeded();

            Assert.False(System.IO.Directory.Exists($"/proc/{pid}"));
            Assert.Empty(await Traces.OfAsync(agent));
            Assert.False(System.IO.Directory.Exists(agent.State));

            // In the agent's control group, not the pods': it ends by itself when it has reaped the last process.
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            await supervisor.WaitForExitAsync(patience.Token);
        }
        finally
        {
            await agent.DisposeAsync();
        }
    }

    [Fact]
    public async Task Cleanup_WhileTheAgentRuns_IsRefused()
    {
        var agent = new AgentFixture();
        await agent.InitializeAsync();
        try
        {
            await agent.ApplyAsync(PodYaml.Idle("alive"));
            string id = (await agent.WaitUntilRunningAsync("alive")).Status.ContainerStatuses[0].ContainerID;

            string error = (await agent.CleanupAsync()).Failed();

            Assert.Contains($"a podagent runs with the state directory \"{agent.State}\"", error, StringComparison.Ordinal);
            Assert.Equal(id, (await agent.WaitUntilRunningAsync("alive")).Status.ContainerStatuses[0].ContainerID);
        }
        finally
        {
            await agent.DisposeAsync();
        }
    }
}
