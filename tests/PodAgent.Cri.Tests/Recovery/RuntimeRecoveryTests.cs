using PodAgent.Api.Cri;
using PodAgent.Cri.Stores;
using PodAgent.Cri.Tests.Fakes;
using Wire = PodAgent.Containers.Protocol;

namespace PodAgent.Cri.Tests.Recovery;

public sealed class RuntimeRecoveryTests : IDisposable
{
    private readonly TestRuntime _first = new();

    [Fact]
    public async Task Restart_RunningPod_IsTakenOverAsItIs()
    {
        string sandbox = await _first.RunAsync();
        string id = await _first.RunningAsync(sandbox);
        ContainerRecord before = _first.Container(id).Record;
        TestRuntime next = await _first.RestartAsync();
        Assert.Equal(before, next.Container(id).Record);
        Assert.Equal(PodSandboxState.SandboxReady, next.Context.Sandboxes.Get(sandbox).Record.State);
        Assert.Equal([sandbox], next.Machine.Reconciled!);
        Assert.Equal([id], next.Machine.Kept!);

        // The new agent holds the line: it hears of the end, and can stop.
        await next.Stop.StopAsync(next.Container(id), TimeSpan.FromSeconds(10), CancellationToken.None);
        Assert.Equal(143, next.Container(id).Record.ExitCode);
    }

    [Fact]
    public async Task Restart_ContainerEndedMeanwhile_ExitCodeIsKnown()
    {
        string sandbox = await _first.RunAsync();
        string id = await _first.RunningAsync(sandbox);
        FakeSupervisor supervisor = _first.Supervisor(sandbox);
        TestRuntime next = await RestartAfterAsync(() => supervisor.End(id, 7, report: false));
        ContainerRecord record = next.Container(id).Record;
        Assert.Equal((ContainerState.ContainerExited, 7, "Error"), (record.State, record.ExitCode, record.Reason));
        Assert.True(next.Container(id).Exited.Task.IsCompleted);
        Assert.Contains($"forget {id}", supervisor.Calls);
    }

    [Fact]
    public async Task Restart_ContainerStartedButNotWrittenDown_IsRunning()
    {
        string sandbox = await _first.RunAsync();
        string id = await _first.CreateAsync(sandbox);
        FakeSupervisor supervisor = _first.Supervisor(sandbox);
        TestRuntime next = await RestartAfterAsync(
            () => supervisor.Processes[id] = new Wire.ProcessState { Id = id, ContainerId = id, Pid = 4711, StartedAt = 5 });
        Assert.Equal((ContainerState.ContainerRunning, 4711), (next.Container(id).Record.State, next.Container(id).Record.Pid));
    }

    [Fact]
    public async Task Restart_CreatedContainer_StartsWithTheSameLayersOpenedAgain()
    {
        string sandbox = await _first.RunAsync();
        string id = await _first.CreateAsync(sandbox);
        TestRuntime next = await _first.RestartAsync();
        await next.Start.InvokeAsync(new StartContainerRequest { ContainerId = id }, CancellationToken.None);
        Assert.Equal(1, next.Machine.Reopened);
    }

    [Fact]
    public async Task Restart_RunningByTheFileButUnknownToTheSupervisor_IsEndedAsUnknown()
    {
        string sandbox = await _first.RunAsync();
        string id = await _first.RunningAsync(sandbox);
        FakeSupervisor supervisor = _first.Supervisor(sandbox);
        TestRuntime next = await RestartAfterAsync(() => supervisor.Processes.Clear());
        Assert.Equal((255, "Unknown"), (next.Container(id).Record.ExitCode, next.Container(id).Record.Reason));
    }

    [Fact]
    public async Task Restart_SupervisorGone_SandboxIsNotReadyAndRecordedExitsAreTaken()
    {
        string sandbox = await _first.RunAsync();
        string told = await _first.RunningAsync(sandbox, "told");
        string lost = await _first.RunningAsync(sandbox, "lost");
        string exits = Path.Combine(_first.Context.Options.SandboxDirectory(sandbox), "exits");
        _first.Supervisors.RecordedExits[exits] = [new Wire.ProcessState { Id = told, StartedAt = 1, FinishedAt = long.MaxValue, ExitCode = 3 }];
        FakeSupervisor supervisor = _first.Supervisor(sandbox);
        TestRuntime next = await RestartAfterAsync(supervisor.Die);
        Assert.Equal(PodSandboxState.SandboxNotready, next.Context.Sandboxes.Get(sandbox).Record.State);
        Assert.Equal((3, "Error"), (next.Container(told).Record.ExitCode, next.Container(told).Record.Reason));
        Assert.Equal((255, "Unknown"), (next.Container(lost).Record.ExitCode, next.Container(lost).Record.Reason));

        // It is still there for its client to see and to remove.
        await next.RemoveSandbox.InvokeAsync(new RemovePodSandboxRequest { PodSandboxId = sandbox }, CancellationToken.None);
        Assert.Empty(next.Files());
        Assert.Empty(next.Machine.Attached);
    }

    [Fact]
    public async Task Restart_PauseGone_SandboxIsNotReady()
    {
        string sandbox = await _first.RunAsync();
        FakeSupervisor supervisor = _first.Supervisor(sandbox);
        TestRuntime next = await RestartAfterAsync(() => supervisor.Ready = false);
        Assert.Equal(PodSandboxState.SandboxNotready, next.Context.Sandboxes.Get(sandbox).Record.State);
    }

    [Fact]
    public async Task Restart_HalfMadeSandbox_IsTakenAwayWithItsSupervisor()
    {
        string sandbox = await _first.RunAsync();
        FakeSupervisor supervisor = _first.Supervisor(sandbox);
        SandboxRecord record = _first.Context.Sandboxes.Get(sandbox).Record;
        CheckpointFile.WriteSandbox(_first.Context.Options.SandboxDirectory(sandbox), record with { CreatedAt = 0 });
        TestRuntime next = await _first.RestartAsync();
        Assert.Empty(next.Context.Sandboxes.Entries);
        Assert.True(supervisor.Closed.IsCompleted);
        Assert.Empty(next.Files());
        Assert.Empty(next.Cgroups.Existing);
        Assert.Empty(next.Machine.SharedMemory);
    }

    [Fact]
    public async Task Restart_HalfMadeContainer_IsTakenAway()
    {
        string sandbox = await _first.RunAsync();
        string id = await _first.CreateAsync(sandbox);
        ContainerRecord record = _first.Container(id).Record;
        CheckpointFile.WriteContainer(_first.Context.Options.ContainerDirectory(id), record with { CreatedAt = 0 });
        TestRuntime next = await _first.RestartAsync();
        Assert.Empty(next.Context.Containers.Entries);
        Assert.False(next.Cgroups.Existing.ContainsKey(record.Cgroup));
        Assert.Empty(next.Machine.Rootfs);
        Assert.False(Directory.Exists(next.Context.Options.ContainerDirectory(id)));
    }

    [Fact]
    public async Task Restart_TornState_IsSetAsideAndItsSupervisorEnded()
    {
        string sandbox = await _first.RunAsync();
        FakeSupervisor supervisor = _first.Supervisor(sandbox);
        File.WriteAllText(Path.Combine(_first.Context.Options.SandboxDirectory(sandbox), "sandbox.state"), "garbage");
        TestRuntime next = await _first.RestartAsync();
        Assert.Empty(next.Context.Sandboxes.Entries);
        Assert.True(supervisor.Closed.IsCompleted);
        Assert.True(File.Exists(Path.Combine(next.Context.Options.StateDirectory, "unreadable", sandbox, "sandbox.state")));
        Assert.DoesNotContain($"test/{sandbox}", next.Cgroups.Existing.Keys);
    }

    [Fact]
    public async Task Restart_Orphans_AreRemovedAndStrangersAreNot()
    {
        await _first.RunAsync();
        string orphan = new('a', 64);
        _first.Cgroups.Existing[$"test/{orphan}"] = null;
        _first.Cgroups.Existing["test/somebody-elses"] = null;
        Directory.CreateDirectory(_first.Context.Options.ContainerVolumes(orphan));
        TestRuntime next = await _first.RestartAsync();
        Assert.DoesNotContain($"test/{orphan}", next.Cgroups.Existing.Keys);
        Assert.Contains("test/somebody-elses", next.Cgroups.Existing.Keys);
        Assert.False(Directory.Exists(next.Context.Options.ContainerVolumes(orphan)));
    }

    [Fact]
    public async Task Restart_TwentyTimes_ChangesNothing()
    {
        string sandbox = await _first.RunAsync();
        string id = await _first.RunningAsync(sandbox);
        ContainerRecord before = _first.Container(id).Record;
        TestRuntime runtime = _first;
        for (int i = 0; i < 20; i++)
        {
            runtime = await runtime.RestartAsync();
        }

        Assert.Equal(before, runtime.Container(id).Record);
        Assert.Equal(1, runtime.Supervisors.Launched);
    }

    public void Dispose() => _first.Dispose();

    private async Task<TestRuntime> RestartAfterAsync(Action meanwhile)
    {
        foreach (SandboxEntry entry in _first.Context.Sandboxes.Entries)
        {
            await entry.Supervision!.DisposeAsync();
            entry.Supervision = null;
        }

        meanwhile();
        return await _first.RestartAsync();
    }
}
