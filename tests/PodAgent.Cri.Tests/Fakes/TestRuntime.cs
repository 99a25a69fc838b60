using Microsoft.Extensions.Logging.Abstractions;
using PodAgent.Api.Cri;
using PodAgent.Cri.Containers;
using PodAgent.Cri.Recovery;
using PodAgent.Cri.Sandboxes;
using PodAgent.Cri.Stores;
using PodAgent.Cri.Streams;
using PodAgent.Images;
using PodAgent.Images.Configs;

namespace PodAgent.Cri.Tests.Fakes;

/// <summary>The runtime half on a fake machine and a temporary directory.</summary>
internal sealed class TestRuntime : IDisposable
{
    public const string Busybox = "docker.io/library/busybox:latest";

    public TestRuntime(bool systemd = false)
        : this(Directory.CreateTempSubdirectory("podagent-cri-").FullName, new FakeSupervisors(), new FakeCgroups(), new FakeMachine(), systemd)
    {
        Machine.Images.Add(FakeMachine.Image(
            "sha256:" + new string('b', 64), Busybox, new ImageConfig { Cmd = ["sh"], Env = ["PATH=/bin", "A=image"] }));
    }

    private TestRuntime(string directory, FakeSupervisors supervisors, FakeCgroups cgroups, FakeMachine machine, bool systemd)
    {
        Root = directory;
        Supervisors = supervisors;
        Cgroups = cgroups;
        Machine = machine;
        Context = new CriContext(
            new CriOptions
            {
                StateDirectory = Path.Combine(directory, "run"),
                RootDirectory = Path.Combine(directory, "lib"),
                CgroupDriver = systemd ? CgroupDriver.Systemd : CgroupDriver.Cgroupfs,
                CgroupParent = systemd ? "test.slice" : "test",
                RuntimeHandlers = ["tuned"],
            },
            new CriPorts
            {
                Supervisors = supervisors,
                Cgroups = cgroups,
                Images = machine,
                Rootfs = machine,
                Volumes = machine,
                Network = machine,
                Files = machine,
                Security = machine,
                Users = machine,
                Devices = machine,
                Counters = machine,
                Stdio = Stdio,
                PodPorts = PodPorts,
            },
            NullLogger.Instance, Time);
        Stop = new StopContainer(Context);
        Remove = new RemoveContainer(Context, Stop);
        Create = new CreateContainer(Context, Remove);
        Start = new StartContainer(Context);
        RunSandbox = new RunPodSandbox(Context);
        StopSandbox = new StopPodSandbox(Context, Stop);
        RemoveSandbox = new RemovePodSandbox(Context, StopSandbox, Remove);
        Execs = new ExecLauncher(Context);
        Streams = new ContainerStreamServer(Context, Execs);
        Streaming = new StreamingServer(Context, Execs, null, NullLoggerFactory.Instance);
    }

    public string Root { get; }

    public ManualTime Time { get; } = new();

    public FakeSupervisors Supervisors { get; }

    public FakeCgroups Cgroups { get; }

    public FakeMachine Machine { get; }

    public FakeStdio Stdio { get; } = new();

    public FakePodPorts PodPorts { get; } = new();

    public CriContext Context { get; }

    public RunPodSandbox RunSandbox { get; }

    public StopPodSandbox StopSandbox { get; }

    public RemovePodSandbox RemoveSandbox { get; }

    public CreateContainer Create { get; }

    public StartContainer Start { get; }

    public StopContainer Stop { get; }

    public RemoveContainer Remove { get; }

    public ExecLauncher Execs { get; }

    public ContainerStreamServer Streams { get; }

    public StreamingServer Streaming { get; }

    public static RunPodSandboxRequest SandboxRequest(string name = "pod", uint attempt = 0) => new()
    {
        Config = new PodSandboxConfig
        {
            Metadata = new PodSandboxMetadata { Name = name, Namespace = "default", Uid = $"uid-{name}", Attempt = attempt },
            Hostname = name,
            Labels = { ["app"] = name },
        },
    };

    public async Task<string> RunAsync(RunPodSandboxRequest? request = null) =>
        (await RunSandbox.InvokeAsync(request ?? SandboxRequest(), CancellationToken.None)).PodSandboxId;

    public static CreateContainerRequest ContainerRequest(string sandboxId, string name = "main", params string[] command) => new()
    {
        PodSandboxId = sandboxId,
        Config = new ContainerConfig
        {
            Metadata = new ContainerMetadata { Name = name },
            Image = new ImageSpec { Image = Busybox },
            Command = { command },
            Labels = { ["name"] = name },
        },
    };

    public async Task<string> CreateAsync(string sandboxId, string name = "main") => await CreateAsync(ContainerRequest(sandboxId, name));

    public async Task<string> CreateAsync(CreateContainerRequest request) =>
        (await Create.InvokeAsync(request, CancellationToken.None)).ContainerId;

    public async Task<string> RunningAsync(string sandboxId, string name = "main")
    {
        string id = await CreateAsync(sandboxId, name);
        await Start.InvokeAsync(new StartContainerRequest { ContainerId = id }, CancellationToken.None);
        return id;
    }

    public FakeSupervisor Supervisor(string sandboxId) => Supervisors.Alive[Context.Options.SandboxDirectory(sandboxId)];

    public ContainerEntry Container(string id) => Context.Containers.Get(id);

    /// <summary>The agent is killed and a new one starts on the same machine.</summary>
    /// <param name="systemd">The new agent's cgroup driver; null: as before.</param>
    public async Task<TestRuntime> RestartAsync(bool? systemd = null)
    {
        Context.Dispose();
        foreach (SandboxEntry sandbox in Context.Sandboxes.Entries)
        {
            if (sandbox.Supervision is { } supervision)
            {
                await supervision.DisposeAsync();
            }
        }

        var next = new TestRuntime(Root, Supervisors, Cgroups, Machine, systemd ?? Context.Options.CgroupDriver == CgroupDriver.Systemd);
        await new RuntimeRecovery(next.Context).RunAsync(CancellationToken.None);
        return next;
    }

    public IReadOnlyList<string> Files() => Directory.Exists(Path.Combine(Root, "run"))
        ? [.. Directory.GetFiles(Root, "*", SearchOption.AllDirectories)]
        : [];

    public void Dispose()
    {
        Context.Dispose();
        if (Directory.Exists(Root))
        {
            Directory.Delete(Root, recursive: true);
        }
    }
}
