using PodAgent.Api.Cri;
using PodAgent.Cri.Stores;
using PodAgent.Cri.Tests.Fakes;
using PodAgent.Linux;

namespace PodAgent.Cri.Tests.Sandboxes;

public sealed class StopAndRemovePodSandboxTests : IDisposable
{
    private readonly TestRuntime _runtime = new();

    [Fact]
    public async Task Stop_WithRunningContainers_EndsThemAndKeepsTheirExitCodes()
    {
        string sandbox = await _runtime.RunAsync();
        string id = await _runtime.RunningAsync(sandbox);
        FakeSupervisor supervisor = _runtime.Supervisor(sandbox);
        await StopAsync(sandbox);
        Assert.Equal(ContainerState.ContainerExited, _runtime.Container(id).Record.State);
        Assert.Equal(137, _runtime.Container(id).Record.ExitCode);
        Assert.Equal(PodSandboxState.SandboxNotready, _runtime.Context.Sandboxes.Get(sandbox).Record.State);
        Assert.Empty(_runtime.Machine.Attached);
        Assert.Empty(_runtime.Machine.SharedMemory);
        Assert.True(supervisor.Closed.IsCompleted);
        Assert.Contains("shutdown", supervisor.Calls);
    }

    [Fact]
    public async Task Stop_Twice_SucceedsAndKeepsTheTime()
    {
        string sandbox = await _runtime.RunAsync();
        await StopAsync(sandbox);
        long stoppedAt = _runtime.Context.Sandboxes.Get(sandbox).Record.StoppedAt;
        _runtime.Time.Advance(TimeSpan.FromSeconds(5));
        await StopAsync(sandbox);
        Assert.Equal(stoppedAt, _runtime.Context.Sandboxes.Get(sandbox).Record.StoppedAt);
    }

    [Fact]
    public async Task Stop_NetworkFails_IsAnErrorAndCanBeRepeated()
    {
        string sandbox = await _runtime.RunAsync();
        _runtime.Machine.DetachFailure = new AgentException(ErrorKind.Internal, "netlink is busy");
        var failure = await Assert.ThrowsAsync<AgentException>(() => StopAsync(sandbox));
        Assert.Equal("cannot stop the sandbox of pod \"default/pod\": netlink is busy", failure.Message);
        Assert.Equal(PodSandboxState.SandboxReady, _runtime.Context.Sandboxes.Get(sandbox).Record.State);
        _runtime.Machine.DetachFailure = null;
        await StopAsync(sandbox);
        Assert.Equal(PodSandboxState.SandboxNotready, _runtime.Context.Sandboxes.Get(sandbox).Record.State);
    }

    [Fact]
    public async Task Stop_SupervisorGone_GivesTheNetworkBackAllTheSame()
    {
        string sandbox = await _runtime.RunAsync();
        _runtime.Supervisor(sandbox).Die();
        await StopAsync(sandbox);
        Assert.Empty(_runtime.Machine.Attached);
    }

    [Fact]
    public async Task Unknown_StopAndRemove_Succeed()
    {
        await StopAsync("no such");
        await RemoveAsync("no such");
    }

    [Fact]
    public async Task Remove_WithEverythingRunning_LeavesNothing()
    {
        string sandbox = await _runtime.RunAsync();
        await _runtime.RunningAsync(sandbox, "a");
        await _runtime.CreateAsync(sandbox, "b");
        await RemoveAsync(sandbox);
        Assert.Empty(_runtime.Context.Sandboxes.Entries);
        Assert.Empty(_runtime.Context.Containers.Entries);
        Assert.Empty(_runtime.Machine.Rootfs);
        Assert.Empty(_runtime.Cgroups.Existing);
        Assert.Empty(_runtime.Files());
        await RemoveAsync(sandbox);
    }

    [Fact]
    public async Task Create_InAStoppedSandbox_IsRefused()
    {
        string sandbox = await _runtime.RunAsync();
        await StopAsync(sandbox);
        var failure = await Assert.ThrowsAsync<AgentException>(() => _runtime.CreateAsync(sandbox));
        Assert.Equal(ErrorKind.FailedPrecondition, failure.Kind);
        Assert.Contains("is not ready", failure.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _runtime.Dispose();

    private Task StopAsync(string id) =>
        _runtime.StopSandbox.InvokeAsync(new StopPodSandboxRequest { PodSandboxId = id }, CancellationToken.None);

    private Task RemoveAsync(string id) =>
        _runtime.RemoveSandbox.InvokeAsync(new RemovePodSandboxRequest { PodSandboxId = id }, CancellationToken.None);
}
