using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using PodAgent.Api.Cri;
using PodAgent.Api.V1;
using PodAgent.Cri;
using PodAgent.Images.BuiltIn;
using PodAgent.Linux;
using PodAgent.Linux.Networking;
using PodAgent.Rpc.InProcess;
using PodAgent.Rpc.Server;

namespace PodAgent.RootTests.Cri;

/// <summary>
/// The whole runtime half on the real kernel, reached as the engine reaches it. Everything it makes has a name of its own (directory,
/// control group) or is in a network namespace of its own, so that the end can be compared with the beginning.
/// </summary>
internal sealed class CriMachine : IAsyncDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("pat-").FullName;
    private readonly Fd _network = NetworkNamespaces.Create();
    private readonly System.Collections.Concurrent.ConcurrentBag<int> _supervisors = [];
    private CriRuntime? _runtime;

    private CriMachine() => Options = new CriOptions
    {
        StateDirectory = Path.Combine(_root, "run"),
        RootDirectory = Path.Combine(_root, "lib"),
        SandboxBinary = Path.Combine(Environment.GetEnvironmentVariable("PODAGENT_BIN") ?? Repository("artifacts/bin-native"), "pod-sandbox"),
        CgroupParent = $"pat-{RandomNumberGenerator.GetHexString(8, lowercase: true)}",
        HostNetworkNamespace = _network,
        // What is made ahead and never used would take longer than the test. The agents of the end-to-end tests have it everywhere.
        KeepsSpares = !EmulatedProcessor.IsPresent,
    };

    public CriOptions Options { get; private set; }

    public string Logs => Path.Combine(_root, "logs");

    /// <summary>Calls the services in this process.</summary>
    public Grpc.Core.CallInvoker Invoker { get; private set; } = null!;

    public RuntimeService.RuntimeServiceClient Runtime { get; private set; } = null!;

    public ImageService.ImageServiceClient Images { get; private set; } = null!;

    public ContainerStreamService.ContainerStreamServiceClient Streams { get; private set; } = null!;

    public ProcessService.ProcessServiceClient Processes { get; private set; } = null!;

    public static async Task<CriMachine> StartAsync(Func<CriOptions, CriOptions>? configure = null)
    {
        var machine = new CriMachine();
        machine.Options = configure?.Invoke(machine.Options) ?? machine.Options;
        await machine.OpenAsync();
        return machine;
    }

    /// <summary>The agent goes without a word to its pods, and another one comes.</summary>
    public async Task RestartAsync(Func<Task>? meanwhile = null)
    {
        await _runtime!.DisposeAsync();
        _runtime = null;
        if (meanwhile is not null)
        {
            await meanwhile();
        }

        await OpenAsync();
    }

    public PodSandboxConfig Pod(string name = "pod") => new()
    {
        Metadata = new PodSandboxMetadata { Name = name, Namespace = "default", Uid = $"uid-{name}" },
        Hostname = name,
        LogDirectory = Path.Combine(Logs, name),
        Linux = new LinuxPodSandboxConfig { SecurityContext = new LinuxSandboxSecurityContext { NamespaceOptions = new NamespaceOption() } },
    };

    public async Task<string> RunAsync(PodSandboxConfig? pod = null) =>
        await NoteSupervisorAsync((await Runtime.RunPodSandboxAsync(new RunPodSandboxRequest { Config = pod ?? Pod() })).PodSandboxId);

    public static ContainerConfig Shell(string script, string name = "main") => new()
    {
        Metadata = new ContainerMetadata { Name = name },
        Image = new ImageSpec { Image = BusyboxImage.Reference },
        Command = { "sh", "-c", script },
        LogPath = $"{name}/0.log",
        Linux = new LinuxContainerConfig { SecurityContext = new LinuxContainerSecurityContext { NamespaceOptions = new NamespaceOption() } },
    };

    public async Task<string> CreateAsync(string sandbox, ContainerConfig config) =>
        (await Runtime.CreateContainerAsync(new CreateContainerRequest { PodSandboxId = sandbox, Config = config })).ContainerId;

    public async Task<string> StartAsync(string sandbox, ContainerConfig config)
    {
        string id = await CreateAsync(sandbox, config);
        await Runtime.StartContainerAsync(new StartContainerRequest { ContainerId = id });
        return id;
    }

    public async Task<ContainerStatus> StatusAsync(string container) =>
        (await Runtime.ContainerStatusAsync(new ContainerStatusRequest { ContainerId = container })).Status;

    /// <summary>Waits for the end by its event.</summary>
    public async Task<ContainerStatus> ExitAsync(string container)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await _runtime!.Context.Containers.Get(container).Exited.Task.WaitAsync(limit.Token);
        return await StatusAsync(container);
    }

    public async Task<ContainerStatus> RunToEndAsync(string sandbox, ContainerConfig config) => await ExitAsync(await StartAsync(sandbox, config));

    public async Task<(int Code, string Out, string Error)> ExecAsync(string container, params string[] command)
    {
        ExecSyncResponse response = await Runtime.ExecSyncAsync(new ExecSyncRequest { ContainerId = container, Cmd = { command }, Timeout = 20 });
        return (response.ExitCode, response.Stdout.ToStringUtf8(), response.Stderr.ToStringUtf8());
    }

    public Task<(int Code, string Out, string Error)> ShellAsync(string container, string script) => ExecAsync(container, "sh", "-c", script);

    /// <summary>Loads an archive and returns the image's ID.</summary>
    public async Task<string> ImportAsync(byte[] archive, string? reference = null)
    {
        using var stream = new MemoryStream(archive);
        return (await _runtime!.Context.Ports.Images.ImportAsync(stream, "test image", reference, CancellationToken.None))[0].Id;
    }

    public async Task StopSandboxAsync(string sandbox) =>
        await Runtime.StopPodSandboxAsync(new StopPodSandboxRequest { PodSandboxId = sandbox });

    public async Task RemoveSandboxAsync(string sandbox) =>
        await Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = sandbox });

    public async Task<int> PidAsync(string container)
    {
        string info = (await Runtime.ContainerStatusAsync(new ContainerStatusRequest { ContainerId = container, Verbose = true })).Info["info"];
        return System.Text.Json.JsonDocument.Parse(info).RootElement.GetProperty("pid").GetInt32();
    }

    public string[] LogLines(string name = "main", string pod = "pod") => File.ReadAllLines(Path.Combine(Logs, pod, name, "0.log"));

    /// <summary>The texts of a log's lines, without time, stream and tag.</summary>
    public string[] LogTexts(string name = "main", string pod = "pod") => [.. LogLines(name, pod).Select(line => line.Split(' ', 4)[3])];

    /// <summary>Waits until a container has written a line. That it runs, and that an exec in it has come to its end, says nothing of how far it is.</summary>
    public async Task UntilLoggedAsync(string text, string name = "main", string pod = "pod")
    {
        var waiting = Stopwatch.StartNew();
        while (!LogTexts(name, pod).Contains(text))
        {
            Assert.True(waiting.Elapsed < TimeSpan.FromSeconds(30), $"\"{text}\" is not in the log: {string.Join(" | ", LogTexts(name, pod))}");
            await Task.Delay(20);
        }
    }

    /// <summary>Everything that this machine has made and that is still there: groups, mounts, processes, state files.</summary>
    public IReadOnlyList<string> Leftovers()
    {
        // An address goes a moment after its pod.
        SpinWait.SpinUntil(() => Count(Path.Combine(Options.StateDirectory, "network", "leases")) <= Count(Options.SandboxesDirectory), 5000);
        var found = new List<string>();
        found.AddRange(Directory.GetDirectories("/sys/fs/cgroup")
            .Select(hierarchy => Path.Combine(hierarchy, Options.CgroupParent))
            .Where(Directory.Exists)
            .SelectMany(Directory.GetDirectories)
            .Select(path => $"cgroup {path}"));
        found.AddRange(File.ReadAllLines("/proc/self/mountinfo").Where(line => line.Contains(_root, StringComparison.Ordinal)).Select(line => $"mount {line}"));
        found.AddRange(Supervisors().Select(pid => $"process {pid}"));
        foreach (string directory in new[] { Options.SandboxesDirectory, Options.ContainersDirectory, Options.VolumesDirectory, Path.Combine(Options.RootDirectory, "snapshots", "containers"), Path.Combine(Options.StateDirectory, "network", "leases") })
        {
            if (Directory.Exists(directory))
            {
                found.AddRange(Directory.GetFileSystemEntries(directory).Where(path => Path.GetFileName(path) != "last").Select(path => $"file {path}"));
            }
        }

        return found;
    }

    /// <summary>Supervisors of this machine's pods that are still there: the parents of the pause processes.</summary>
    public IReadOnlyList<int> Supervisors() => [.. _supervisors.Where(pid => ParentOf(pid) is not null)];

    public async ValueTask DisposeAsync()
    {
        if (_runtime is null)
        {
            await OpenAsync();
        }

        foreach (PodSandbox sandbox in (await Runtime.ListPodSandboxAsync(new ListPodSandboxRequest())).Items)
        {
            await RemoveSandboxAsync(sandbox.Id);
        }

        await _runtime!.DisposeAsync();
        foreach (string hierarchy in Directory.GetDirectories("/sys/fs/cgroup"))
        {
            string group = Path.Combine(hierarchy, Options.CgroupParent);
            if (Directory.Exists(group))
            {
                Directory.Delete(group);
            }
        }

        _network.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    private static int Count(string directory) => Directory.Exists(directory)
        ? Directory.GetFileSystemEntries(directory).Count(path => Path.GetFileName(path) != "last")
        : 0;

    private async Task<string> NoteSupervisorAsync(string sandbox)
    {
        string info = (await Runtime.PodSandboxStatusAsync(new PodSandboxStatusRequest { PodSandboxId = sandbox, Verbose = true })).Info["info"];
        int pause = System.Text.Json.JsonDocument.Parse(info).RootElement.GetProperty("pid").GetInt32();
        _supervisors.Add(ParentOf(pause) ?? throw new InvalidOperationException($"pause {pause} is gone"));
        return sandbox;
    }

    // Null: there is no such process, or it is dead and only waits for its parent.
    private static int? ParentOf(int pid)
    {
        try
        {
            string[] lines = File.ReadAllLines($"/proc/{pid}/status");
            return lines.Any(line => line.StartsWith("State:\tZ", StringComparison.Ordinal))
                ? null
                : int.Parse(lines.First(line => line.StartsWith("PPid:", StringComparison.Ordinal))[5..], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private async Task OpenAsync()
    {
        _runtime = await CriRuntime.OpenAsync(Options, LoggerFactory.Create(_ => { }), TimeProvider.System, CancellationToken.None);
        var services = new RpcServiceRegistry();
        _runtime.AddTo(services);
        var invoker = new InProcessCallInvoker(services, new RpcServerOptions { ExceptionMapper = Map }, cloneMessages: true);
        Invoker = invoker;
        Runtime = new RuntimeService.RuntimeServiceClient(invoker);
        Images = new ImageService.ImageServiceClient(invoker);
        Streams = new ContainerStreamService.ContainerStreamServiceClient(invoker);
        Processes = new ProcessService.ProcessServiceClient(invoker);
    }

    private static Grpc.Core.RpcException? Map(Exception failure) => failure switch
    {
        AgentException agent => new(new(Enum.Parse<Grpc.Core.StatusCode>(agent.Kind == ErrorKind.Cancelled ? "Cancelled" : agent.Kind.ToString()), agent.Message)),
        _ => new(new(Grpc.Core.StatusCode.Unknown, failure.ToString())),
    };

    private static string Repository(string path)
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "PodAgent.sln")))
        {
            directory = directory.Parent;
        }

        return Path.Combine(directory!.FullName, path);
    }
}
