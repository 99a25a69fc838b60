using PodAgent.Api.Cri;
using PodAgent.Containers.Protocol;
using PodAgent.Cri.Ports;
using PodAgent.Cri.Stores;
using PodAgent.Cri.Tests.Fakes;
using PodAgent.Linux;
using PodAgent.Linux.Files;

namespace PodAgent.Cri.Tests.Sandboxes;

public sealed class RunPodSandboxTests : IDisposable
{
    private readonly TestRuntime _runtime = new();

    [Fact]
    public async Task InvokeAsync_Plain_IsReadyWithAddressAndFiles()
    {
        string id = await _runtime.RunAsync();
        Assert.Matches("^[0-9a-f]{64}$", id);
        SandboxRecord record = _runtime.Context.Sandboxes.Get(id).Record;
        Assert.Equal(PodSandboxState.SandboxReady, record.State);
        Assert.Equal(["10.88.0.2"], record.Addresses);
        Assert.Equal($"test/{id}", record.CgroupParent);
        string directory = _runtime.Context.Options.SandboxDirectory(id);
        Assert.Equal("pod\n", File.ReadAllText(Path.Combine(directory, "hostname")));
        Assert.Equal("10.88.0.2 pod\n", File.ReadAllText(Path.Combine(directory, "hosts")));
        Assert.True(_runtime.Machine.SharedMemory.ContainsKey(Path.Combine(directory, "shm")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(directory));
        Assert.Equal(record.CreatedAt, CheckpointFile.ReadSandbox(directory).CreatedAt);
    }

    [Fact]
    public async Task InvokeAsync_HostNamespaces_AreAskedForAndNoNetworkIsAttached()
    {
        RunPodSandboxRequest request = TestRuntime.SandboxRequest();
        request.Config.Linux = new LinuxPodSandboxConfig
        {
            SecurityContext = new LinuxSandboxSecurityContext
            {
                NamespaceOptions = new NamespaceOption { Network = NamespaceMode.Node, Pid = NamespaceMode.Node, Ipc = NamespaceMode.Node },
            },
        };
        string id = await _runtime.RunAsync(request);
        SandboxSpec spec = _runtime.Supervisor(id).Spec!;
        Assert.True(spec.Namespaces is { HostNetwork: true, HostPid: true, HostIpc: true, SharePid: false });
        Assert.Equal(Environment.MachineName, spec.Hostname);
        Assert.Empty(_runtime.Machine.Attached);
        Assert.Empty(_runtime.Machine.SharedMemory);
    }

    [Theory]
    [InlineData(NamespaceMode.Pod, true)]
    [InlineData(NamespaceMode.Container, false)]
    public async Task InvokeAsync_PidMode_DecidesWhoOwnsTheProcessIds(NamespaceMode mode, bool shared)
    {
        RunPodSandboxRequest request = TestRuntime.SandboxRequest();
        request.Config.Linux = new LinuxPodSandboxConfig
        {
            SecurityContext = new LinuxSandboxSecurityContext { NamespaceOptions = new NamespaceOption { Pid = mode } },
        };
        string id = await _runtime.RunAsync(request);
        Assert.Equal(shared, _runtime.Supervisor(id).Spec!.Namespaces.SharePid);
    }

    [Fact]
    public async Task InvokeAsync_NamedCgroupParentThatIsThere_IsUsedAndLeftAlone()
    {
        _runtime.Cgroups.Existing["kubepods/pod1"] = null;
        RunPodSandboxRequest request = TestRuntime.SandboxRequest();
        request.Config.Linux = new LinuxPodSandboxConfig { CgroupParent = "/kubepods/pod1" };
        string id = await _runtime.RunAsync(request);
        Assert.True(_runtime.Cgroups.Existing.ContainsKey($"kubepods/pod1/{id}"));
        await _runtime.RemoveSandbox.InvokeAsync(new RemovePodSandboxRequest { PodSandboxId = id }, CancellationToken.None);
        Assert.Equal(["kubepods/pod1"], _runtime.Cgroups.Existing.Keys);
    }

    [Fact]
    public async Task InvokeAsync_NamedCgroupParentThatIsNotThere_IsMadeWithThePodsLimitsAndRemovedWithItsLastSandbox()
    {
        RunPodSandboxRequest first = TestRuntime.SandboxRequest();
        first.Config.Linux = new LinuxPodSandboxConfig
        {
            CgroupParent = "/podagent/pod1",
            Resources = new LinuxContainerResources { MemoryLimitInBytes = 1 << 20 },
        };
        RunPodSandboxRequest second = first.Clone();
        second.Config.Metadata.Attempt = 1;
        string one = await _runtime.RunAsync(first);
        string two = await _runtime.RunAsync(second);
        Assert.Equal(1 << 20, _runtime.Cgroups.Existing["podagent/pod1"]!.MemoryLimit);
        await _runtime.RemoveSandbox.InvokeAsync(new RemovePodSandboxRequest { PodSandboxId = one }, CancellationToken.None);
        Assert.True(_runtime.Cgroups.Existing.ContainsKey("podagent/pod1"));
        await _runtime.RemoveSandbox.InvokeAsync(new RemovePodSandboxRequest { PodSandboxId = two }, CancellationToken.None);
        Assert.Empty(_runtime.Cgroups.Existing);
    }

    public static TheoryData<string> Steps => ["cgroup", "launch", "pause", "network"];

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task InvokeAsync_FailureAtAnyStep_LeavesNothingAndNamesThePod(string step)
    {
        var cause = new AgentException(ErrorKind.ResourceExhausted, $"{step} is broken");
        FakeSupervisor? launched = null;
        _runtime.Supervisors.OnLaunch = supervisor =>
        {
            launched = supervisor;
            supervisor.CreateFailure = step == "pause" ? cause : null;
        };
        _runtime.Supervisors.LaunchFailure = step == "launch" ? cause : null;
        _runtime.Cgroups.CreateFailure = step == "cgroup" ? cause : null;
        _runtime.Machine.AttachFailure = step == "network" ? cause : null;

        var failure = await Assert.ThrowsAsync<AgentException>(() => _runtime.RunAsync());
        Assert.Equal($"cannot run a sandbox for pod \"default/pod\": {step} is broken", failure.Message);
        Assert.Equal(ErrorKind.ResourceExhausted, failure.Kind);
        AssertNothingIsLeft();
        Assert.True(launched is null || launched.Closed.IsCompleted);
    }

    [Fact]
    public async Task InvokeAsync_NamespaceMadeAhead_IsConnectedAndLetGo()
    {
        Fd made = FileTree.Open("/dev/null", OpenFlags.ReadOnly);
        _runtime.Supervisors.OnLaunch = supervisor => supervisor.NetworkNamespace = made;
        string id = await _runtime.RunAsync();
        SandboxNetworkRequest attached = _runtime.Machine.Attached[id];
        Assert.Same(made, attached.Namespace);
        Assert.True(made.IsClosed);
        Assert.Equal(["10.88.0.2"], _runtime.Context.Sandboxes.Get(id).Record.Addresses);
    }

    [Fact]
    public async Task InvokeAsync_NamespaceMadeAheadForTheNodesNetwork_IsLetGo()
    {
        Fd made = FileTree.Open("/dev/null", OpenFlags.ReadOnly);
        _runtime.Supervisors.OnLaunch = supervisor => supervisor.NetworkNamespace = made;
        RunPodSandboxRequest request = TestRuntime.SandboxRequest();
        request.Config.Linux = new LinuxPodSandboxConfig
        {
            SecurityContext = new LinuxSandboxSecurityContext { NamespaceOptions = new NamespaceOption { Network = NamespaceMode.Node } },
        };
        await _runtime.RunAsync(request);
        Assert.Empty(_runtime.Machine.Attached);
        Assert.True(made.IsClosed);
    }

    [Fact]
    public async Task InvokeAsync_NamespaceMadeAheadForAPodWithUsersOfItsOwn_IsNotUsed()
    {
        Fd made = FileTree.Open("/dev/null", OpenFlags.ReadOnly);
        _runtime.Supervisors.OnLaunch = supervisor => supervisor.NetworkNamespace = made;
        var range = new IDMapping { ContainerId = 0, HostId = 100_000, Length = 65_536 };
        RunPodSandboxRequest request = TestRuntime.SandboxRequest();
        request.Config.Linux = new LinuxPodSandboxConfig
        {
            SecurityContext = new LinuxSandboxSecurityContext
            {
                NamespaceOptions = new NamespaceOption
                {
                    UsernsOptions = new UserNamespace { Mode = NamespaceMode.Pod, Uids = { range }, Gids = { range } },
                },
            },
        };
        string id = await _runtime.RunAsync(request);
        Assert.Null(_runtime.Machine.Attached[id].Namespace);
        Assert.Equal(999, _runtime.Machine.Attached[id].PausePid);
        Assert.True(made.IsClosed);
    }

    [Theory]
    [InlineData("pause")]
    [InlineData("cgroup")]
    [InlineData("network")]
    public async Task InvokeAsync_FailureWithANamespaceMadeAhead_LeavesNothing(string step)
    {
        var cause = new AgentException(ErrorKind.Internal, $"{step} is broken");
        Fd made = FileTree.Open("/dev/null", OpenFlags.ReadOnly);
        _runtime.Supervisors.OnLaunch = supervisor =>
        {
            supervisor.NetworkNamespace = made;
            supervisor.CreateFailure = step == "pause" ? cause : null;
        };
        _runtime.Cgroups.CreateFailure = step == "cgroup" ? cause : null;
        _runtime.Machine.AttachFailure = step == "network" ? cause : null;
        var failure = await Assert.ThrowsAsync<AgentException>(() => _runtime.RunAsync());
        Assert.Contains($"{step} is broken", failure.Message, StringComparison.Ordinal);
        AssertNothingIsLeft();
        Assert.True(made.IsClosed);
    }

    [Fact]
    public async Task InvokeAsync_NetworkSysctl_ComesAfterTheInterface()
    {
        bool? connected = null;
        _runtime.Supervisors.OnLaunch = supervisor =>
        {
            supervisor.NetworkNamespace = FileTree.Open("/dev/null", OpenFlags.ReadOnly);
            supervisor.OnCreate = () => connected = !_runtime.Machine.Attached.IsEmpty;
        };
        RunPodSandboxRequest request = TestRuntime.SandboxRequest();
        request.Config.Linux = new LinuxPodSandboxConfig { Sysctls = { ["net.ipv4.conf.all.forwarding"] = "1" } };
        await _runtime.RunAsync(request);
        Assert.True(connected);
    }

    [Fact]
    public async Task InvokeAsync_AfterAFailure_TheNameIsFree()
    {
        _runtime.Machine.AttachFailure = new AgentException(ErrorKind.Internal, "broken");
        await Assert.ThrowsAsync<AgentException>(() => _runtime.RunAsync());
        _runtime.Machine.AttachFailure = null;
        Assert.NotEmpty(await _runtime.RunAsync());
    }

    [Fact]
    public async Task InvokeAsync_UndoFailsToo_BothCausesAreTold()
    {
        _runtime.Machine.AttachFailure = new AgentException(ErrorKind.Internal, "no address");
        _runtime.Machine.DetachFailure = new AgentException(ErrorKind.Internal, "no luck");
        var failure = await Assert.ThrowsAsync<AgentException>(() => _runtime.RunAsync());
        Assert.Contains("no address; undoing it failed too: give back the network: no luck", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task InvokeAsync_CallerLeaves_IsRolledBack()
    {
        _runtime.Supervisors.LaunchGate = new TaskCompletionSource();
        using var leave = new CancellationTokenSource();
        Task<RunPodSandboxResponse> call = _runtime.RunSandbox.InvokeAsync(TestRuntime.SandboxRequest(), leave.Token);
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        _runtime.Supervisors.LaunchGate = null;

        // The retry waits for the end of the roll-back and then starts anew.
        string id = await _runtime.RunAsync();
        Assert.Equal([id], _runtime.Context.Sandboxes.Entries.Select(entry => entry.Record.Id));
        Assert.Single(Directory.GetDirectories(_runtime.Context.Options.SandboxesDirectory));
    }

    [Fact]
    public async Task InvokeAsync_RetryWhileRunning_JoinsIt()
    {
        _runtime.Supervisors.LaunchGate = new TaskCompletionSource();
        Task<RunPodSandboxResponse> first = _runtime.RunSandbox.InvokeAsync(TestRuntime.SandboxRequest(), CancellationToken.None);
        Task<RunPodSandboxResponse> second = _runtime.RunSandbox.InvokeAsync(TestRuntime.SandboxRequest(), CancellationToken.None);
        _runtime.Supervisors.LaunchGate.SetResult();
        Assert.Equal((await first).PodSandboxId, (await second).PodSandboxId);
        Assert.Equal(1, _runtime.Supervisors.Launched);
    }

    [Fact]
    public async Task InvokeAsync_RetryAfterTheAnswerWasLost_GivesTheSameSandbox() =>
        Assert.Equal(await _runtime.RunAsync(), await _runtime.RunAsync());

    [Fact]
    public async Task InvokeAsync_OtherConfigurationOfThatName_IsRefused()
    {
        await _runtime.RunAsync();
        RunPodSandboxRequest other = TestRuntime.SandboxRequest();
        other.Config.Hostname = "another";
        Assert.Equal(ErrorKind.AlreadyExists, (await Assert.ThrowsAsync<AgentException>(() => _runtime.RunAsync(other))).Kind);
    }

    [Fact]
    public async Task InvokeAsync_WrongConfiguration_NamesAllProblems()
    {
        RunPodSandboxRequest request = TestRuntime.SandboxRequest();
        request.RuntimeHandler = "kata";
        request.Config.Metadata.Name = "../x";
        request.Config.LogDirectory = "logs";
        request.Config.PortMappings.Add(new PortMapping { ContainerPort = 0, HostPort = 70000, HostIp = "nope" });
        request.Config.Linux = new LinuxPodSandboxConfig
        {
            CgroupParent = "/../..",
            SecurityContext = new LinuxSandboxSecurityContext
            {
                NamespaceOptions = new NamespaceOption
                {
                    Network = NamespaceMode.Target,
                    UsernsOptions = new UserNamespace { Mode = NamespaceMode.Container },
                },
            },
        };
        var failure = await Assert.ThrowsAsync<AgentException>(() => _runtime.RunAsync(request));
        Assert.Equal(ErrorKind.InvalidArgument, failure.Kind);
        Assert.Equal(9, failure.Message.Split("; ").Length);
        Assert.Equal(0, _runtime.Supervisors.Launched);
    }

    [Fact]
    public async Task SupervisorDies_SandboxIsNotReadyAndItsContainersEnd()
    {
        string id = await _runtime.RunAsync();
        ContainerEntry container = _runtime.Container(await _runtime.RunningAsync(id));
        _runtime.Cgroups.WithProcesses[container.Record.Cgroup] = true;
        _runtime.Supervisor(id).Die();
        await container.Exited.Task.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(PodSandboxState.SandboxNotready, _runtime.Context.Sandboxes.Get(id).Record.State);
        Assert.Equal((255, "Unknown"), (container.Record.ExitCode, container.Record.Reason));
        Assert.Contains(container.Record.Cgroup, _runtime.Cgroups.Killed);
    }

    public void Dispose() => _runtime.Dispose();

    private void AssertNothingIsLeft()
    {
        Assert.Empty(_runtime.Files());
        Assert.Empty(_runtime.Cgroups.Existing);
        Assert.Empty(_runtime.Machine.Attached);
        Assert.Empty(_runtime.Machine.SharedMemory);
        Assert.Empty(_runtime.Context.Sandboxes.Entries);
    }
}
