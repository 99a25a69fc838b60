using PodAgent.Api.Cri;
using PodAgent.Cri.Containers;
using PodAgent.Cri.Stores;
using PodAgent.Cri.Tests.Fakes;
using PodAgent.Images.Configs;
using PodAgent.Linux;
using Wire = PodAgent.Containers.Protocol;

namespace PodAgent.Cri.Tests.Containers;

public sealed class ContainerLifecycleTests : IDisposable
{
    private readonly TestRuntime _runtime = new();

    [Fact]
    public async Task Create_Plain_IsCreatedWithTheImagesCommandAndEnvironment()
    {
        string sandbox = await _runtime.RunAsync();
        CreateContainerRequest request = TestRuntime.ContainerRequest(sandbox);
        request.Config.Envs.Add(new KeyValue { Key = "A", Value = Google.Protobuf.ByteString.CopyFromUtf8("own") });
        ContainerRecord record = _runtime.Container(await _runtime.CreateAsync(request)).Record;
        Assert.Equal(ContainerState.ContainerCreated, record.State);
        Assert.Equal(["sh"], record.Spec.Process.Args);
        Assert.Equal(["PATH=/bin", "HOSTNAME=pod", "HOME=/root", "A=own"], record.Spec.Process.Env);
        Assert.Equal("/", record.Spec.Process.WorkingDir);
        Assert.Equal($"test/{sandbox}/{record.Id}", record.Cgroup);
        Assert.True(_runtime.Cgroups.Existing.ContainsKey(record.Cgroup));
    }

    [Fact]
    public async Task Create_UnknownImage_IsNotFoundAndLeavesNothing()
    {
        string sandbox = await _runtime.RunAsync();
        CreateContainerRequest request = TestRuntime.ContainerRequest(sandbox);
        request.Config.Image.Image = "nope:1";
        var failure = await Assert.ThrowsAsync<AgentException>(() => _runtime.CreateAsync(request));
        Assert.Equal("cannot create container \"main\": image \"nope:1\" is not on this node", failure.Message);
        Assert.Equal(ErrorKind.NotFound, failure.Kind);
    }

    // CVE-2026-53488: what an image calls itself became the runtime's own keys.
    [Fact]
    public async Task Create_ImageWithTheNodesKeysAsLabels_ContainerDoesNotHaveThem()
    {
        _runtime.Machine.Images.Add(FakeMachine.Image("sha256:" + new string('e', 64), "evil:1", new ImageConfig
        {
            Cmd = ["sh"],
            Labels = new Dictionary<string, string>
            {
                ["io.kubernetes.pod.uid"] = "planted",
                ["io.kubernetes.container.terminationMessagePath"] = "/planted",
                ["containerd.io/restart.loguri"] = "binary:///planted",
            },
        }));
        string sandbox = await _runtime.RunAsync();
        CreateContainerRequest request = TestRuntime.ContainerRequest(sandbox);
        request.Config.Image.Image = "evil:1";

        ContainerRecord record = _runtime.Container(await _runtime.CreateAsync(request)).Record;

        Assert.DoesNotContain("planted", $"{ContainerView.ToStatus(record)} {record.Config} {record.Spec}");
    }

    public static TheoryData<string> Steps => ["rootfs", "cgroup", "user", "apparmor"];

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task Create_FailureAtAnyStep_LeavesNothing(string step)
    {
        string sandbox = await _runtime.RunAsync();
        string[] cgroups = [.. _runtime.Cgroups.Existing.Keys];
        var cause = new AgentException(ErrorKind.Internal, "broken");
        _runtime.Machine.RootfsFailure = step == "rootfs" ? cause : null;
        _runtime.Cgroups.CreateFailure = step == "cgroup" ? cause : null;
        CreateContainerRequest request = TestRuntime.ContainerRequest(sandbox);
        request.Config.Linux = new LinuxContainerConfig { SecurityContext = new LinuxContainerSecurityContext() };
        request.Config.Linux.SecurityContext.RunAsUsername = step == "user" ? "ghost" : "";
        request.Config.Linux.SecurityContext.ApparmorProfile = step == "apparmor" ? "localhost/ghost" : "";
        await Assert.ThrowsAsync<AgentException>(() => _runtime.CreateAsync(request));
        Assert.Empty(_runtime.Machine.Rootfs);
        Assert.Equal(cgroups.Order(), _runtime.Cgroups.Existing.Keys.Order());
        Assert.Empty(_runtime.Context.Containers.Entries);
        Assert.Empty(Directory.GetDirectories(_runtime.Context.Options.ContainersDirectory));
    }

    [Fact]
    public async Task Create_RetryAfterTheAnswerWasLost_GivesTheSameContainer()
    {
        string sandbox = await _runtime.RunAsync();
        Assert.Equal(await _runtime.CreateAsync(sandbox), await _runtime.CreateAsync(sandbox));
    }

    [Fact]
    public async Task Create_SameNameOtherConfiguration_IsRefused()
    {
        string sandbox = await _runtime.RunAsync();
        await _runtime.CreateAsync(sandbox);
        var failure = await Assert.ThrowsAsync<AgentException>(
            () => _runtime.CreateAsync(TestRuntime.ContainerRequest(sandbox, "main", "other")));
        Assert.Equal(ErrorKind.AlreadyExists, failure.Kind);
    }

    [Fact]
    public async Task Create_PrivilegedInAnUnprivilegedSandbox_IsRefused()
    {
        string sandbox = await _runtime.RunAsync();
        CreateContainerRequest request = TestRuntime.ContainerRequest(sandbox);
        request.Config.Linux = new LinuxContainerConfig { SecurityContext = new LinuxContainerSecurityContext { Privileged = true } };
        var failure = await Assert.ThrowsAsync<AgentException>(() => _runtime.CreateAsync(request));
        Assert.Contains("the sandbox is not privileged", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_ImageVolumes_AreMadeOutsideAndMounted()
    {
        string sandbox = await _runtime.RunAsync();
        _runtime.Machine.Images.Add(FakeMachine.Image("sha256:v", "db:1", new() { Cmd = ["db"], Volumes = ["/data", "/mounted"] }));
        CreateContainerRequest request = TestRuntime.ContainerRequest(sandbox);
        request.Config.Image.Image = "db:1";
        request.Config.Mounts.Add(new Mount { ContainerPath = "/mounted/", HostPath = "/" });
        ContainerRecord record = _runtime.Container(await _runtime.CreateAsync(request)).Record;
        (string path, string directory) = Assert.Single(_runtime.Machine.Volumes);
        Assert.Equal("/data", path);
        Assert.Equal(directory, record.Spec.Mounts.Single(mount => mount.Destination == "/data").Source);
        await _runtime.Remove.RemoveAsync(_runtime.Container(record.Id), CancellationToken.None);
        Assert.False(Directory.Exists(directory));
    }

    [Fact]
    public async Task Start_Created_RunsAndTellsItsPid()
    {
        string sandbox = await _runtime.RunAsync();
        ContainerRecord record = _runtime.Container(await _runtime.RunningAsync(sandbox)).Record;
        Assert.Equal(ContainerState.ContainerRunning, record.State);
        Assert.Equal(1001, record.Pid);
        Assert.Equal(1001_000_000_000, record.StartedAt);
    }

    [Fact]
    public async Task Start_Twice_IsRefused()
    {
        string sandbox = await _runtime.RunAsync();
        string id = await _runtime.RunningAsync(sandbox);
        var failure = await Assert.ThrowsAsync<AgentException>(() => StartAsync(id));
        Assert.Equal(ErrorKind.FailedPrecondition, failure.Kind);
    }

    [Fact]
    public async Task Start_Fails_EndsAs128StartErrorWithTheCause()
    {
        string sandbox = await _runtime.RunAsync();
        string id = await _runtime.CreateAsync(sandbox);
        _runtime.Supervisor(sandbox).StartFailure = new AgentException(ErrorKind.InvalidArgument, "executable file \"/nope\" not found in the container");
        var failure = await Assert.ThrowsAsync<AgentException>(() => StartAsync(id));
        Assert.Equal("cannot start container \"main\": executable file \"/nope\" not found in the container", failure.Message);
        ContainerRecord record = _runtime.Container(id).Record;
        Assert.Equal((ContainerState.ContainerExited, 128, "StartError"), (record.State, record.ExitCode, record.Reason));
        Assert.Contains("/nope", record.Message, StringComparison.Ordinal);
        Assert.Equal(0, record.StartedAt);
    }

    [Theory]
    [InlineData(0, false, "Completed")]
    [InlineData(1, false, "Error")]
    [InlineData(137, true, "OOMKilled")]
    [InlineData(137, false, "Error")]
    public async Task Exit_Reported_BecomesTheStatus(int code, bool oomKilled, string reason)
    {
        string sandbox = await _runtime.RunAsync();
        ContainerEntry entry = _runtime.Container(await _runtime.RunningAsync(sandbox));
        _runtime.Supervisor(sandbox).End(entry.Record.Id, code, oomKilled);
        await entry.Exited.Task.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal((ContainerState.ContainerExited, code, reason), (entry.Record.State, entry.Record.ExitCode, entry.Record.Reason));
        Assert.True(entry.Record.FinishedAt > entry.Record.StartedAt);
    }

    [Fact]
    public async Task Exit_LeftoverProcesses_AreKilledBeforeItIsVisible()
    {
        string sandbox = await _runtime.RunAsync();
        ContainerEntry entry = _runtime.Container(await _runtime.RunningAsync(sandbox));
        _runtime.Cgroups.WithProcesses[entry.Record.Cgroup] = true;
        bool visibleAtKill = true;
        _runtime.Cgroups.OnKill = _ => visibleAtKill = entry.Record.State == ContainerState.ContainerExited;
        _runtime.Supervisor(sandbox).End(entry.Record.Id, 0);
        await entry.Exited.Task.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Contains(entry.Record.Cgroup, _runtime.Cgroups.Killed);
        Assert.False(visibleAtKill);
    }

    [Fact]
    public async Task Exit_BeforeTheStartIsAnswered_IsNotOverwritten()
    {
        string sandbox = await _runtime.RunAsync();
        string id = await _runtime.CreateAsync(sandbox);
        ContainerEntry entry = _runtime.Container(id);
        var ended = new Wire.ProcessState { Id = id, StartedAt = 5, FinishedAt = 6, ExitCode = 3 };
        _runtime.Supervisor(sandbox).StartGate = new TaskCompletionSource();
        Task start = StartAsync(id);
        await _runtime.Context.Exits.SettleAsync(entry, ended);
        _runtime.Supervisor(sandbox).StartGate!.SetResult();
        await start;
        Assert.Equal((5L, 6L, 3), (entry.Record.StartedAt, entry.Record.FinishedAt, entry.Record.ExitCode));
    }

    [Fact]
    public async Task Stop_ProcessEndsInTime_IsNotKilled()
    {
        string sandbox = await _runtime.RunAsync();
        string id = await _runtime.RunningAsync(sandbox);
        await StopAsync(id, 30);
        FakeSupervisor supervisor = _runtime.Supervisor(sandbox);
        Assert.Contains("signal 15", supervisor.Calls);
        Assert.DoesNotContain("signal 9 all", supervisor.Calls);
        Assert.Equal(143, _runtime.Container(id).Record.ExitCode);
    }

    [Fact]
    public async Task Stop_ProcessIgnoresTheSignal_IsKilledWhenTheTimeIsUp()
    {
        string sandbox = await _runtime.RunAsync();
        string id = await _runtime.RunningAsync(sandbox);
        FakeSupervisor supervisor = _runtime.Supervisor(sandbox);
        supervisor.DeadlySignals.Remove(15);
        Task stop = StopAsync(id, 30);
        Assert.False(stop.IsCompleted);
        Assert.DoesNotContain("signal 9 all", supervisor.Calls);
        _runtime.Time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(stop.IsCompleted);
        _runtime.Time.Advance(TimeSpan.FromSeconds(1));
        await stop.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Contains("signal 9 all", supervisor.Calls);
        Assert.Equal(137, _runtime.Container(id).Record.ExitCode);
    }

    [Fact]
    public async Task Stop_SecondCallWithoutTime_DecidesForBoth()
    {
        string sandbox = await _runtime.RunAsync();
        string id = await _runtime.RunningAsync(sandbox);
        _runtime.Supervisor(sandbox).DeadlySignals.Remove(15);
        Task patient = StopAsync(id, 3600);
        await StopAsync(id, 0);
        await patient.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(ContainerState.ContainerExited, _runtime.Container(id).Record.State);
    }

    [Fact]
    public async Task Stop_UnknownCreatedAndEnded_Succeed()
    {
        await StopAsync("nope", 0);
        string sandbox = await _runtime.RunAsync();
        string id = await _runtime.CreateAsync(sandbox);
        await StopAsync(id, 10);
        Assert.Equal(ContainerState.ContainerCreated, _runtime.Container(id).Record.State);
        await StartAsync(id);
        await StopAsync(id, 10);
        await StopAsync(id, 10);
    }

    [Fact]
    public async Task Remove_Running_KillsFirst()
    {
        string sandbox = await _runtime.RunAsync();
        string id = await _runtime.RunningAsync(sandbox);
        await RemoveAsync(id);
        Assert.Null(_runtime.Context.Containers.Find(id));
        Assert.Empty(_runtime.Machine.Rootfs);
        await RemoveAsync(id);
    }

    [Fact]
    public async Task UpdateResources_NamesOnlyChanges_ControlGroupAndStatusFollow()
    {
        string sandbox = await _runtime.RunAsync();
        CreateContainerRequest request = TestRuntime.ContainerRequest(sandbox);
        request.Config.Linux = new LinuxContainerConfig { Resources = new LinuxContainerResources { CpuShares = 512, MemoryLimitInBytes = 1000 } };
        string id = await _runtime.CreateAsync(request);
        await new UpdateContainerResources(_runtime.Context).InvokeAsync(
            new UpdateContainerResourcesRequest { ContainerId = id, Linux = new LinuxContainerResources { MemoryLimitInBytes = 2000 } },
            CancellationToken.None);
        ContainerRecord record = _runtime.Container(id).Record;
        Assert.Equal(2000, _runtime.Cgroups.Existing[record.Cgroup]!.MemoryLimit);
        ContainerStatus status = ContainerView.ToStatus(record);
        Assert.Equal((512, 2000), (status.Resources.Linux.CpuShares, status.Resources.Linux.MemoryLimitInBytes));
        Assert.Equal(1000, request.Config.Linux.Resources.MemoryLimitInBytes);
    }

    [Fact]
    public async Task UpdateResources_Refused_RestoresTheGroupAndKeepsTheRecord()
    {
        string sandbox = await _runtime.RunAsync();
        CreateContainerRequest request = TestRuntime.ContainerRequest(sandbox);
        request.Config.Linux = new LinuxContainerConfig { Resources = new LinuxContainerResources { MemoryLimitInBytes = 100 } };
        string id = await _runtime.CreateAsync(request);
        _runtime.Cgroups.UpdateFailure = new AgentException(ErrorKind.FailedPrecondition, "busy");
        var failure = await Assert.ThrowsAsync<AgentException>(() => new UpdateContainerResources(_runtime.Context).InvokeAsync(
            new UpdateContainerResourcesRequest { ContainerId = id, Linux = new LinuxContainerResources { MemoryLimitInBytes = 50 } }, CancellationToken.None));
        Assert.Equal((ErrorKind.FailedPrecondition, "cannot change the resources of container \"main\": busy"), (failure.Kind, failure.Message));
        Assert.Equal([50L, 100L], _runtime.Cgroups.Updates.Select(update => update.Resources.MemoryLimit!.Value));
        Assert.Equal(100, _runtime.Container(id).Record.Resources!.MemoryLimitInBytes);
    }

    public void Dispose() => _runtime.Dispose();

    private Task StartAsync(string id) => _runtime.Start.InvokeAsync(new StartContainerRequest { ContainerId = id }, CancellationToken.None);

    private Task StopAsync(string id, long timeout) =>
        _runtime.Stop.InvokeAsync(new StopContainerRequest { ContainerId = id, Timeout = timeout }, CancellationToken.None);

    private Task RemoveAsync(string id) =>
        _runtime.Remove.InvokeAsync(new RemoveContainerRequest { ContainerId = id }, CancellationToken.None);
}
