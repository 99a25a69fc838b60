using System.Net.Http;
using PodAgent.Api.Core;
using PodAgent.EndToEnd.Harness;

namespace PodAgent.EndToEnd.Pods;

/// <summary>manifests/demo.yaml, from the manifest directory to running processes and back to nothing.</summary>
public sealed class FirstPodTests(AgentFixture agent) : IClassFixture<AgentFixture>, IAsyncLifetime
{
    private string Manifest => Path.Combine(agent.Manifests, "demo.yaml");

    public Task InitializeAsync()
    {
        File.Copy(Repository.Manifest("demo.yaml"), Manifest);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        File.Delete(Manifest);
        await agent.WaitUntilGoneAsync("demo");
    }

    [Fact]
    public async Task Manifest_InDirectory_RunsWithSharedNamespaces()
    {
        Pod pod = await agent.WaitUntilRunningAsync("demo");
        int web = await agent.HostPidAsync(pod, "web");
        int client = await agent.HostPidAsync(pod, "client");

        foreach (string shared in new[] { "net", "ipc", "uts" })
        {
            Assert.Equal(Namespace(web, shared), Namespace(client, shared));
            Assert.NotEqual(Namespace(Environment.ProcessId, shared), Namespace(web, shared));
        }

        foreach (string own in new[] { "mnt", "pid", "cgroup" })
        {
            Assert.NotEqual(Namespace(web, own), Namespace(client, own));
        }

        Assert.Equal(0, pod.Status.InitContainerStatuses.Single().State.Terminated.ExitCode);
    }

    [Fact]
    public async Task Container_KilledFromTheNode_ComesBackWithHigherRestartCount()
    {
        Pod pod = await agent.WaitUntilRunningAsync("demo");
        string client = Container(pod, "client").ContainerID;

        System.Diagnostics.Process.GetProcessById(await agent.HostPidAsync(pod, "web")).Kill();
        Pod after = await agent.WaitForPodAsync("demo", p => Container(p, "web").RestartCount == 1 && Container(p, "web").State.Running is not null);

        Assert.Equal(137, Container(after, "web").LastState.Terminated.ExitCode);
        Assert.Equal(client, Container(after, "client").ContainerID);
    }

    [Fact]
    public async Task HostPort_FromTheNode_LeadsToTheContainer()
    {
        await agent.WaitUntilRunningAsync("demo");
        using var http = new HttpClient();

        Assert.Equal("hello from demo\n", await http.GetStringAsync("http://127.0.0.1:18080/"));
    }

    [Fact]
    public async Task Agent_KilledAndReplaced_DisturbsNothingAndLosesNothing()
    {
        Pod before = await agent.WaitUntilRunningAsync("demo");
        int web = await agent.HostPidAsync(before, "web");

        await agent.KillAgentAsync();
        System.Diagnostics.Process.GetProcessById(web).Kill();
        await agent.StartAgentAsync();
        Pod after = await agent.WaitForPodAsync("demo", p => Container(p, "web").RestartCount == Container(before, "web").RestartCount + 1
            && Container(p, "web").State.Running is not null);

        Assert.Equal(Container(before, "client").ContainerID, Container(after, "client").ContainerID);
        Assert.Equal(Container(before, "client").State.Running.StartedAt, Container(after, "client").State.Running.StartedAt);
        Assert.Equal(137, Container(after, "web").LastState.Terminated.ExitCode);
        Assert.Equal(before.Metadata.Uid, after.Metadata.Uid);
    }

    private static ContainerStatus Container(Pod pod, string name) => pod.Status.ContainerStatuses.Single(status => status.Name == name);

    private static string Namespace(int pid, string kind) => new FileInfo($"/proc/{pid}/ns/{kind}").LinkTarget!;
}
