using PodAgent.Api.Cri;
using PodAgent.Cri.Stores;
using PodAgent.Cri.Tests.Fakes;
using PodAgent.Linux;

namespace PodAgent.Cri.Tests.Sandboxes;

/// <summary>The runtime with systemd as cgroup driver: names of slices and scopes, and when systemd is told of them.</summary>
public sealed class SystemdCgroupsTests : IDisposable
{
    private readonly TestRuntime _runtime = new(systemd: true);

    public void Dispose() => _runtime.Dispose();

    [Fact]
    public async Task RunPodSandbox_NoParent_IsASliceOfItsOwnWithAScopeForPause()
    {
        string id = await _runtime.RunAsync();

        SandboxRecord record = _runtime.Context.Sandboxes.Get(id).Record;
        Assert.Equal($"test.slice/test-{id}.slice", record.CgroupParent);
        Assert.Equal($"test.slice/test-{id}.slice/podagent-{id}.scope", record.PauseCgroup);
        Assert.Equal([record.CgroupParent, record.PauseCgroup], _runtime.Cgroups.Existing.Keys.Order());
        (string path, int process, _) = Assert.Single(_runtime.Cgroups.Registered);
        Assert.Equal((record.PauseCgroup, record.PausePid), (path, process));
    }

    [Theory]
    [InlineData("kubepods-burstable-pod0_1.slice")]
    [InlineData("/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0_1.slice")]
    public async Task RunPodSandbox_Slice_IsExpanded(string parent)
    {
        string id = await _runtime.RunAsync(Request(parent));

        Assert.Equal(
            "kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0_1.slice", _runtime.Context.Sandboxes.Get(id).Record.CgroupParent);
    }

    [Theory]
    [InlineData("/kubepods/pod1", "config.linux.cgroup_parent: the cgroup driver is systemd, but \"/kubepods/pod1\" is not a slice: it does not end in \".slice\"")]
    [InlineData("/system/a.slice", "config.linux.cgroup_parent: \"/system/a.slice\" is not a slice: the control group of a.slice is \"/a.slice\"")]
    [InlineData("a--b.slice", "config.linux.cgroup_parent: \"a--b.slice\" is not a slice: a level between its dashes has no name")]
    [InlineData("../a.slice", "config.linux.cgroup_parent: \"../a.slice\" is not a path below the cgroup root")]
    public async Task RunPodSandbox_OtherParent_IsRefused(string parent, string message)
    {
        var refused = await Assert.ThrowsAsync<AgentException>(() => _runtime.RunAsync(Request(parent)));

        Assert.Equal((ErrorKind.InvalidArgument, message), (refused.Kind, refused.Message));
        Assert.Empty(_runtime.Cgroups.Existing);
    }

    [Fact]
    public async Task RunPodSandbox_SliceUnderCgroupfs_IsRefused()
    {
        using var runtime = new TestRuntime();

        var refused = await Assert.ThrowsAsync<AgentException>(() => runtime.RunAsync(Request("/a.slice")));

        Assert.Equal("config.linux.cgroup_parent: the cgroup driver is cgroupfs, but \"/a.slice\" is a slice of systemd", refused.Message);
    }

    [Fact]
    public async Task RunPodSandbox_SystemdRefusesTheScope_LeavesNothing()
    {
        _runtime.Cgroups.RegisterFailure = new AgentException(ErrorKind.FailedPrecondition, "systemd cannot start it");

        var launched = new List<FakeSupervisor>();
        _runtime.Supervisors.OnLaunch = launched.Add;

        var failure = await Assert.ThrowsAsync<AgentException>(() => _runtime.RunAsync());

        Assert.Contains("systemd cannot start it", failure.Message, StringComparison.Ordinal);
        Assert.Empty(_runtime.Cgroups.Existing);
        Assert.Empty(_runtime.Machine.Attached);
        Assert.True(Assert.Single(launched).Closed.IsCompleted);
    }

    [Fact]
    public async Task StartContainer_Scope_IsToldToSystemdWithTheLimitsInForce()
    {
        string id = await _runtime.RunAsync();
        CreateContainerRequest request = TestRuntime.ContainerRequest(id);
        request.Config.Linux = new LinuxContainerConfig { Resources = new LinuxContainerResources { MemoryLimitInBytes = 4096 } };
        string container = await _runtime.CreateAsync(request);
        Assert.Single(_runtime.Cgroups.Registered);

        await _runtime.Start.InvokeAsync(new StartContainerRequest { ContainerId = container }, CancellationToken.None);

        (string path, int process, var resources) = _runtime.Cgroups.Registered.Last();
        ContainerRecord record = _runtime.Container(container).Record;
        Assert.Equal($"test.slice/test-{id}.slice/podagent-{container}.scope", record.Cgroup);
        Assert.Equal((record.Cgroup, record.Pid, 4096L), (path, process, resources!.MemoryLimit));
    }

    [Fact]
    public async Task StartContainer_SystemdRefusesTheScope_IsKilledAndAStartError()
    {
        string id = await _runtime.RunAsync();
        string container = await _runtime.CreateAsync(id);
        ContainerRecord record = _runtime.Container(container).Record;
        _runtime.Cgroups.WithProcesses[record.Cgroup] = true;
        _runtime.Cgroups.RegisterFailure = new AgentException(ErrorKind.Unavailable, "cannot reach systemd");

        var failure = await Assert.ThrowsAsync<AgentException>(
            () => _runtime.Start.InvokeAsync(new StartContainerRequest { ContainerId = container }, CancellationToken.None));

        Assert.Equal("cannot start container \"main\": cannot reach systemd", failure.Message);
        Assert.Contains(record.Cgroup, _runtime.Cgroups.Killed);
        record = _runtime.Container(container).Record;
        Assert.Equal((ContainerState.ContainerExited, 128, "StartError", "cannot reach systemd"), (record.State, record.ExitCode, record.Reason, record.Message));
    }

    // Nothing is left in it that would need a unit.
    [Fact]
    public async Task StartContainer_EndsBeforeSystemdTakesIt_IsNoStartError()
    {
        string id = await _runtime.RunAsync();
        string container = await _runtime.CreateAsync(id);
        _runtime.Cgroups.RegisterFailure = new AgentException(ErrorKind.FailedPrecondition, "no such process");

        await _runtime.Start.InvokeAsync(new StartContainerRequest { ContainerId = container }, CancellationToken.None);

        Assert.Equal("", _runtime.Container(container).Record.Reason);
    }

    [Fact]
    public async Task Recovery_RunningContainers_AreToldAgain()
    {
        string id = await _runtime.RunAsync();
        string container = await _runtime.RunningAsync(id);
        string created = await _runtime.CreateAsync(id, "created");
        _runtime.Cgroups.Registered.Clear();

        using TestRuntime next = await _runtime.RestartAsync();

        Assert.Equal(
            new[] { next.Context.Sandboxes.Get(id).Record.PauseCgroup, next.Container(container).Record.Cgroup }.Order(),
            next.Cgroups.Registered.Select(told => told.Path).Order());
        Assert.Equal(ContainerState.ContainerCreated, next.Container(created).Record.State);
    }

    [Fact]
    public async Task Recovery_SliceOfNobody_IsRemovedAndOthersStay()
    {
        string id = await _runtime.RunAsync();
        string stranger = new('a', 64);
        _runtime.Cgroups.Existing[$"test.slice/test-{stranger}.slice"] = null;
        _runtime.Cgroups.Existing["test.slice/test-burstable.slice"] = null;
        _runtime.Cgroups.Existing[$"test.slice/{stranger}"] = null;

        using TestRuntime next = await _runtime.RestartAsync();

        Assert.Equal(
            new HashSet<string> { $"test.slice/{stranger}", $"test.slice/test-{id}.slice", $"test.slice/test-{id}.slice/podagent-{id}.scope", "test.slice/test-burstable.slice" },
            next.Cgroups.Existing.Keys.ToHashSet());
    }

    [Fact]
    public async Task Recovery_OtherDriver_PodsStayWhatTheyAre()
    {
        string id = await _runtime.RunAsync();

        using TestRuntime next = await _runtime.RestartAsync(systemd: false);
        string container = await next.RunningAsync(id);

        Assert.Equal($"test.slice/test-{id}.slice/podagent-{container}.scope", next.Container(container).Record.Cgroup);
    }

    private static RunPodSandboxRequest Request(string parent)
    {
        RunPodSandboxRequest request = TestRuntime.SandboxRequest();
        request.Config.Linux = new LinuxPodSandboxConfig { CgroupParent = parent };
        return request;
    }
}
