using PodAgent.EndToEnd.Harness;

namespace PodAgent.EndToEnd.Recovery;

/// <summary>An agent that is told to stop tells its clients.</summary>
public sealed class AgentShutdownTests(AgentFixture agent) : IClassFixture<AgentFixture>
{
    [Fact]
    public async Task Stop_WithSessionsAndWatches_EndsThemWithTheReason()
    {
        await agent.ApplyAsync(PodYaml.Shell("talker", "echo ready; sleep infinity"));
        await agent.WaitUntilRunningAsync("talker");
        using LineReader exec = agent.PodctlStart("exec", "talker", "--", "sh", "-c", "echo in; sleep infinity");
        using LineReader logs = agent.PodctlStart("logs", "-f", "talker");
        using LineReader watch = agent.PodctlStart("get", "pods", "-w");
        await exec.UntilAsync(line => line == "in");
        await logs.UntilAsync(line => line == "ready");
        await watch.UntilAsync(line => line.StartsWith("talker", StringComparison.Ordinal));

        int code = await agent.StopAgentAsync();

        Assert.Equal(0, code);
        foreach (LineReader client in new[] { exec, logs, watch })
        {
            Assert.Equal(1, await client.EndAsync());
            Assert.Equal("error: the agent is shutting down\n", await client.Process.StandardError.ReadToEndAsync());
        }

        await agent.StartAgentAsync();
        await agent.WaitUntilRunningAsync("talker");
    }
}
