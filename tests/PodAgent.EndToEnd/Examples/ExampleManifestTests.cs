using System.Net.Http;
using PodAgent.Api.Core;
using PodAgent.EndToEnd.Harness;

namespace PodAgent.EndToEnd.Examples;

/// <summary>The files of manifests/ do what their comments say. demo.yaml has a class of its own.</summary>
public sealed class ExampleManifestTests(AgentFixture agent) : IClassFixture<AgentFixture>
{
    [Fact]
    public async Task Job_FailingTwice_SucceedsAfterTwoRestarts()
    {
        Start("job.yaml");
        Pod pod = await agent.WaitForPodAsync("job", p => p.Status.Phase is "Succeeded" or "Failed");

        ContainerStatus status = Assert.Single(pod.Status.ContainerStatuses);
        Assert.Equal("Succeeded", pod.Status.Phase);
        Assert.Equal(2, status.RestartCount);
        Assert.Equal("Completed", status.State.Terminated.Reason);
        Assert.Equal("try 3\n", (await agent.PodctlAsync("logs", "job")).Succeeded());
        Assert.Equal("try 2\n", (await agent.PodctlAsync("logs", "job", "--previous")).Succeeded());
        Assert.Matches("job +0/1 +Completed +2 ", (await agent.PodctlAsync("get", "pods")).Succeeded());
    }

    [Fact]
    public async Task SharedPid_Containers_SeeEachOtherBelowPause()
    {
        Start("shared-pid.yaml");
        await agent.WaitUntilRunningAsync("shared-pid");

        string processes = (await agent.PodctlAsync("exec", "shared-pid", "-c", "watcher", "--", "ps")).Succeeded();
        Assert.Matches("(?m)^ +1 +root +.*pause", processes);
        Assert.Contains("sleep infinity", processes, StringComparison.Ordinal);

        // The middle process ends first, so that its child is left to process 1, which has to reap it.
        string orphan = (await agent.PodctlAsync("exec", "shared-pid", "-c", "watcher", "--", "sh", "-c", "sh -c 'sleep 0.2 >/dev/null & echo $!'")).Succeeded().Trim();
        CommandResult reaped = await agent.PodctlAsync("exec", "shared-pid", "-c", "worker", "--",
            "timeout", "20", "sh", "-c", $"while [ -e /proc/{orphan} ]; do usleep 10000; done");
        Assert.Equal(0, reaped.ExitCode);
    }

    [Fact]
    public async Task HostNetwork_Pod_IsTheNodeOnTheNetwork()
    {
        Start("host-network.yaml");
        Pod pod = await agent.WaitUntilRunningAsync("host-network");
        int web = await agent.HostPidAsync(pod, "web");

        Assert.Equal(pod.Status.HostIP, pod.Status.PodIP);
        Assert.Equal(new FileInfo("/proc/self/ns/net").LinkTarget, new FileInfo($"/proc/{web}/ns/net").LinkTarget);
        using var http = new HttpClient();
        Assert.Contains("root:", await http.GetStringAsync("http://127.0.0.1:18081/passwd"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shell_Container_ReadsItsOwnLimits()
    {
        Start("shell.yaml");
        await agent.WaitUntilRunningAsync("shell");
        const string Script = "cd /sys/fs/cgroup; cat memory.max 2>/dev/null || cat memory/memory.limit_in_bytes; cat cpu.max 2>/dev/null || cat cpu/cpu.cfs_quota_us";

        string[] limits = (await agent.PodctlAsync("exec", "shell", "--", "sh", "-c", Script)).Succeeded().Split('\n');

        Assert.Equal("67108864", limits[0]);
        Assert.StartsWith("50000", limits[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task UserNamespace_Pod_IsRootInsideOnly()
    {
        Start("user-namespace.yaml");
        Pod pod = await agent.WaitUntilRunningAsync("users");
        string[] map = (await agent.PodctlAsync("exec", "users", "--", "cat", "/proc/self/uid_map")).Succeeded().Split(' ', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(["0", "65536\n"], [map[0], map[2]]);
        Assert.Equal("0 0\n", (await agent.PodctlAsync("exec", "users", "--", "sh", "-c", "echo $(cat /data/who) $(stat -c %u /data/who)")).Succeeded());
        Assert.Contains($"Uid:\t{map[1]}\t", File.ReadAllText($"/proc/{await agent.HostPidAsync(pod, "main")}/status"), StringComparison.Ordinal);
    }

    private void Start(string name) => agent.AddManifest(name, File.ReadAllText(Repository.Manifest(name)));
}
