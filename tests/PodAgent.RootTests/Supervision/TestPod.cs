using System.Text;
using Google.Protobuf;
using PodAgent.Containers.Cgroups;
using PodAgent.Containers.Protocol;
using PodAgent.Containers.Security;
using PodAgent.Containers.Specs;
using PodAgent.Containers.Supervision;
using PodAgent.Linux;

namespace PodAgent.RootTests.Supervision;

/// <summary>One pod of the published pod-sandbox, with cgroups of its own; everything is removed at the end.</summary>
internal sealed class TestPod : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private static int s_last;

    private readonly SandboxLauncher _launcher = new(Binary) { KeepsSpare = false };
    private readonly Dictionary<string, ProcessState> _exits = [];
    private readonly List<Message> _others = [];
    private readonly CancellationTokenSource _deadline = new(s_patience);
    private readonly string _name = $"podagent-test-{Environment.ProcessId}-{Interlocked.Increment(ref s_last)}";
    private readonly Cgroup _parent;

    private TestPod()
    {
        Work = Directory.CreateTempSubdirectory("podagent-pod-").FullName;
        State = Directory.CreateDirectory(Path.Combine(Work, "state")).FullName;
        File.SetUnixFileMode(State, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        ExitDirectory = Directory.CreateDirectory(Path.Combine(Work, "exits")).FullName;
        _parent = CgroupHost.Detect(parent: _name).Open(_name);
        _parent.Create();
    }

    public static string Binary => Path.Combine(
        Environment.GetEnvironmentVariable("PODAGENT_BIN") is { Length: > 0 } folder ? folder : Path.Combine(FindRepository(), "artifacts", "bin-native"),
        "pod-sandbox");

    public string Work { get; }

    public string State { get; }

    public string ExitDirectory { get; }

    public TestRoot Root { get; } = new();

    public SandboxConnection Connection { get; private set; } = null!;

    public int PausePid { get; private set; }

    public CancellationToken Token => _deadline.Token;

    public static async Task<TestPod> StartAsync(Action<SandboxSpec>? configure = null, Action<SandboxConnection>? launched = null)
    {
        var pod = new TestPod();
        try
        {
            pod.Connection = await pod._launcher.LaunchAsync(pod.State, pod.Token);
            launched?.Invoke(pod.Connection);
            await pod.Connection.SubscribeAsync(pod.Token);
            var spec = new SandboxSpec
            {
                Id = "pod",
                Hostname = "test-host",
                Namespaces = new NamespaceSharing(),
                ExitDirectory = pod.ExitDirectory,
                PauseSeccomp = ByteString.CopyFrom(SeccompProfiles.Pause),
                CgroupPaths = { pod.CreateCgroup("pause").Paths },
            };
            configure?.Invoke(spec);
            pod.PausePid = (await pod.Connection.CreateSandboxAsync(spec, pod.Token)).PausePid;
            return pod;
        }
        catch
        {
            await pod.DisposeAsync();
            throw;
        }
    }

    /// <summary>A container with the defaults that the agent would use.</summary>
    public ContainerSpec Container(string id, params string[] args) => new()
    {
        Id = id,
        Process = Process(args),
        RootfsFd = 0,
        Mounts = { DefaultSpec.Mounts(new DefaultMountOptions()) },
        Devices = { DefaultSpec.Devices() },
        MaskedPaths = { DefaultSpec.MaskedPaths },
        ReadonlyPaths = { DefaultSpec.ReadonlyPaths },
        CgroupPaths = { CreateCgroup(id).Paths },
        LogPath = LogPath(id),
    };

    public static ProcessSpec Process(params string[] args)
    {
        ulong caps = CapabilitySet.Default.Bits;
        return new ProcessSpec
        {
            Args = { args },
            Env = { "PATH=/bin" },
            Capabilities = new Capabilities { Bounding = caps, Effective = caps, Permitted = caps },
            NoNewPrivileges = true,
            Seccomp = ByteString.CopyFrom(SeccompProfiles.RuntimeDefault(CapabilitySet.Default)),
        };
    }

    /// <summary>A container whose main process is a shell script.</summary>
    public ContainerSpec Script(string id, string script) => Container(id, "/bin/sh", "-c", script);

    public async Task<StartReply> StartAsync(ContainerSpec spec, params Fd[] more)
    {
        using Fd root = Root.Open();
        return await Connection.StartContainerAsync(spec, [root, .. more], Token);
    }

    /// <summary>Runs a script as a container to its end.</summary>
    public async Task<(ProcessState Exit, string Output)> RunAsync(string script, Action<ContainerSpec>? configure = null, params Fd[] more)
    {
        string id = $"c{Interlocked.Increment(ref s_last)}";
        ContainerSpec spec = Script(id, script);
        configure?.Invoke(spec);
        _ = await StartAsync(spec, more);
        ProcessState exit = await ExitAsync(id);
        return (exit, Output(id));
    }

    public async Task<ProcessState> ExitAsync(string id)
    {
        while (!_exits.ContainsKey(id))
        {
            Message message = await Connection.Events.ReadAsync(Token);
            if (message.BodyCase == Message.BodyOneofCase.Exit)
            {
                _exits.Add(message.Exit.Process.Id, message.Exit.Process);
            }
            else
            {
                _others.Add(message);
            }
        }

        return _exits[id];
    }

    public IReadOnlyList<Message> OtherEvents => _others;

    public async Task<Message> NextEventAsync() => await Connection.Events.ReadAsync(Token);

    public string LogPath(string id) => Path.Combine(Work, $"{id}.log");

    public string[] LogLines(string id) => File.ReadAllLines(LogPath(id), Encoding.Latin1);

    /// <summary>What a container has written, both streams, without the log's own words.</summary>
    public string Output(string id) => string.Concat(LogLines(id).Select(static line =>
    {
        string[] fields = line.Split(' ', 4);
        return fields[2] == "P" ? fields[3] : fields[3] + "\n";
    }));

    public async Task WaitForOutputAsync(string id, string text)
    {
        using var watch = new PodAgent.Linux.Events.Inotify();
        _ = watch.Add(LogPath(id), PodAgent.Linux.Events.FileEvents.Modified);
        while (!Output(id).Contains(text, StringComparison.Ordinal))
        {
            Token.ThrowIfCancellationRequested();
            _ = await Task.Run(() => watch.Wait(1000));
            _ = watch.Read(new List<PodAgent.Linux.Events.FileEvent>());
        }
    }

    public async Task ReconnectAsync()
    {
        await Connection.DisposeAsync();
        Connection = await _launcher.ConnectAsync(State, Token);
    }

    /// <summary>A further connection to the same supervisor.</summary>
    public Task<SandboxConnection> ConnectAsync() => _launcher.ConnectAsync(State, Token);

    public Cgroup CreateCgroup(string name, CgroupResources? resources = null)
    {
        Cgroup cgroup = _parent.CreateSubgroup(name);
        if (resources is not null)
        {
            cgroup.Update(resources);
        }

        return cgroup;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (Connection is { Closed.IsCompleted: false })
            {
                await Connection.ShutdownAsync(CancellationToken.None).WaitAsync(s_patience);
            }
        }
        finally
        {
            try
            {
                if (Connection is not null)
                {
                    await Connection.DisposeAsync();
                }
            }
            finally
            {
                // Kills what is left, should the supervisor have failed to.
                _launcher.Dispose();
                _parent.Remove();
                Root.Dispose();
                Directory.Delete(Work, recursive: true);
                _deadline.Dispose();
            }
        }
    }

    private static string FindRepository()
    {
        string? directory = AppContext.BaseDirectory;
        while (directory is not null && !File.Exists(Path.Combine(directory, "PodAgent.sln")))
        {
            directory = Path.GetDirectoryName(directory);
        }

        return directory ?? throw new InvalidOperationException("the tests run inside the repository");
    }
}
