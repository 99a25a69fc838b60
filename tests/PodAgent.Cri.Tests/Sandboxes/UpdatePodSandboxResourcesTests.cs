using PodAgent.Api.Cri;
using PodAgent.Cri.Sandboxes;
using PodAgent.Cri.Stores;
using PodAgent.Cri.Tests.Fakes;
using PodAgent.Linux;

namespace PodAgent.Cri.Tests.Sandboxes;

public sealed class UpdatePodSandboxResourcesTests : IDisposable
{
    private readonly TestRuntime _runtime = new();

    [Fact]
    public async Task Update_OwnGroup_GetsResourcesAndOverheadTogether()
    {
        string id = await _runtime.RunAsync();
        await UpdateAsync(id, new() { MemoryLimitInBytes = 100, CpuPeriod = 1000, CpuQuota = 500 }, new() { MemoryLimitInBytes = 20, CpuPeriod = 1000, CpuQuota = 50 });
        (string path, var limits) = Assert.Single(_runtime.Cgroups.Updates);
        Assert.Equal($"test/{id}", path);
        Assert.Equal((120L, 550L), (limits.MemoryLimit, limits.CpuQuota));
        SandboxRecord stored = CheckpointFile.ReadSandbox(_runtime.Context.Options.SandboxDirectory(id));
        Assert.Equal((100, 20), (stored.Resources!.MemoryLimitInBytes, stored.Overhead!.MemoryLimitInBytes));
    }

    [Fact]
    public async Task Update_Repeated_ChangesOnlyWhatIsNamed()
    {
        string id = await _runtime.RunAsync();
        await UpdateAsync(id, new() { MemoryLimitInBytes = 100, CpuShares = 512 }, null);
        await UpdateAsync(id, new() { MemoryLimitInBytes = 200 }, null);
        LinuxContainerResources now = _runtime.Context.Sandboxes.Get(id).Record.EffectiveResources!;
        Assert.Equal((200, 512), (now.MemoryLimitInBytes, now.CpuShares));
    }

    [Fact]
    public async Task Update_GroupOfTheClient_IsOnlyNoted()
    {
        RunPodSandboxRequest request = TestRuntime.SandboxRequest();
        request.Config.Linux = new LinuxPodSandboxConfig { CgroupParent = "/kubepods/pod1" };
        _runtime.Cgroups.Existing["kubepods/pod1"] = null;
        string id = await _runtime.RunAsync(request);
        await UpdateAsync(id, new() { MemoryLimitInBytes = 100 }, null);
        Assert.Empty(_runtime.Cgroups.Updates);
        Assert.Equal(100, _runtime.Context.Sandboxes.Get(id).Record.EffectiveResources!.MemoryLimitInBytes);
    }

    [Fact]
    public async Task Update_Stopped_IsRefused()
    {
        string id = await _runtime.RunAsync();
        await _runtime.StopSandbox.InvokeAsync(new StopPodSandboxRequest { PodSandboxId = id }, CancellationToken.None);
        var failure = await Assert.ThrowsAsync<AgentException>(() => UpdateAsync(id, new(), null));
        Assert.Equal(ErrorKind.FailedPrecondition, failure.Kind);
    }

    [Fact]
    public async Task Update_Refused_LeavesTheRecord()
    {
        string id = await _runtime.RunAsync();
        _runtime.Cgroups.UpdateFailure = new AgentException(ErrorKind.InvalidArgument, "no");
        await Assert.ThrowsAsync<AgentException>(() => UpdateAsync(id, new() { MemoryLimitInBytes = 1 }, null));
        Assert.Null(_runtime.Context.Sandboxes.Get(id).Record.EffectiveResources);
    }

    [Fact]
    public async Task Update_AfterARestart_IsStillInForce()
    {
        string id = await _runtime.RunAsync();
        await UpdateAsync(id, new() { MemoryLimitInBytes = 300 }, null);
        using TestRuntime next = await _runtime.RestartAsync();
        Assert.Equal(300, next.Context.Sandboxes.Get(id).Record.EffectiveResources!.MemoryLimitInBytes);
    }

    public void Dispose() => _runtime.Dispose();

    private Task UpdateAsync(string id, LinuxContainerResources? resources, LinuxContainerResources? overhead) =>
        new UpdatePodSandboxResources(_runtime.Context).InvokeAsync(
            new UpdatePodSandboxResourcesRequest { PodSandboxId = id, Resources = resources, Overhead = overhead }, CancellationToken.None);
}
