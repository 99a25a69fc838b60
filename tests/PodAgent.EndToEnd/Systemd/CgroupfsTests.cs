using Grpc.Core;
using PodAgent.Api.Cri;
using PodAgent.EndToEnd.Conformance;
using PodAgent.EndToEnd.Harness;

namespace PodAgent.EndToEnd.Systemd;

/// <summary>The other cgroup driver on a machine of systemd.</summary>
[Trait("Needs", "systemd")]
public sealed class CgroupfsTests : IAsyncLifetime
{
    private readonly AgentFixture _agent = new("--cgroup-driver", "cgroupfs");

    public Task InitializeAsync() => _agent.InitializeAsync();

    public Task DisposeAsync() => _agent.DisposeAsync();

    [Fact]
    public async Task RunPodSandbox_Slice_IsRefusedAndPathsArePaths()
    {
        Assert.Equal(CgroupDriver.Cgroupfs, (await _agent.Runtime.RuntimeConfigAsync(new RuntimeConfigRequest())).Linux.CgroupDriver);
        RpcException refused = await Assert.ThrowsAsync<RpcException>(() => CriPod.RunAsync(_agent, config => config.Linux.CgroupParent = "/a.slice"));
        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.Contains("the cgroup driver is cgroupfs, but \"/a.slice\" is a slice of systemd", refused.Status.Detail, StringComparison.Ordinal);

        await using CriPod pod = await CriPod.RunAsync(_agent);
        string id = await pod.StartAsync(CriPod.Idle());

        Assert.True(Directory.Exists($"/sys/fs/cgroup/{_agent.CgroupParent}/{pod.Id}/{id}"));
        Assert.Empty(await Units.LoadedAsync(id));
    }
}
