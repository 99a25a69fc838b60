using System.Diagnostics;
using System.Text;
using Grpc.Core;
using PodAgent.Api.Core;
using PodAgent.Api.Cri;
using PodAgent.Api.V1;
using PodAgent.Rpc.Client;

namespace PodAgent.EndToEnd.Harness;

/// <summary>
/// A native <c>podagent</c> with directories, bridge, nftables table and cgroup of its own, and <c>podctl</c> pointed at it. Disposing
/// ends all pods and removes everything through <c>podagent cleanup</c>.
/// </summary>
public sealed class AgentFixture : IAsyncLifetime
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);
    private static int s_number;

    private readonly int _number = Interlocked.Increment(ref s_number);
    private readonly StringBuilder _log = new();
    private Process? _agent;
    private RpcChannel? _channel;

    private readonly string[] _more;

    public AgentFixture()
        : this([])
    {
    }

    /// <param name="flags">Further flags of the agent.</param>
    internal AgentFixture(params string[] flags)
    {
        _more = flags;
        Directory = System.IO.Directory.CreateTempSubdirectory("podagent-e2e-").FullName;
        Manifests = Path.Combine(Directory, "manifests");
        System.IO.Directory.CreateDirectory(Manifests);
    }

    public string Directory { get; }

    public string Manifests { get; }

    public string Socket => Path.Combine(State, "podagent.sock");

    public string State => Path.Combine(Directory, "run");

    public string PodLogs => Path.Combine(Directory, "log");

    public string Root => Path.Combine(Directory, "lib");

    /// <summary>Registry settings in the layout of certs.d.</summary>
    public string RegistryConfig => Path.Combine(Directory, "certs.d");

    /// <summary>The node's credentials; need not exist.</summary>
    public string AuthFile => Path.Combine(Directory, "auth.json");

    public string Bridge => $"pae2e{_number}";

    public string NftablesTable => $"podagent_e2e_{_number}";

    public string CgroupParent => $"podagent-e2e-{Environment.ProcessId}-{_number}";

    public int AgentPid => _agent!.Id;

    public PodService.PodServiceClient Pods { get; private set; } = null!;

    public RuntimeService.RuntimeServiceClient Runtime { get; private set; } = null!;

    public ImageService.ImageServiceClient ImageStore { get; private set; } = null!;

    private string[] Flags =>
    [
        "--root", Root, "--state", State, "--pod-logs", PodLogs, "--manifests", Manifests,
        "--bridge", Bridge, "--subnet", $"10.{90 + (_number % 20)}.0.0/24", "--nftables-table", NftablesTable,
        "--cgroup-parent", CgroupParent, "--node-name", "node-e2e", "--log-level", "info",
        "--registry-config", RegistryConfig, "--auth-file", AuthFile, .. _more,
    ];

    public async Task InitializeAsync() => await StartAgentAsync();

    /// <summary>Starts the agent and returns when its socket answers.</summary>
    public async Task StartAgentAsync()
    {
        Process agent = Command.Start(Repository.Program("podagent"), Flags);
        agent.OutputDataReceived += Note;
        agent.ErrorDataReceived += Note;
        agent.BeginOutputReadLine();
        agent.BeginErrorReadLine();
        _agent = agent;
        _channel = RpcChannel.ForAddress("unix://" + Socket);
        CallInvoker invoker = _channel.CreateCallInvoker();
        Pods = new PodService.PodServiceClient(invoker);
        Runtime = new RuntimeService.RuntimeServiceClient(invoker);
        ImageStore = new ImageService.ImageServiceClient(invoker);
        var node = new NodeService.NodeServiceClient(invoker);
        using var limit = new CancellationTokenSource(s_patience);
        CallOptions options = new CallOptions(cancellationToken: limit.Token).WithWaitForReady();
        Task<GetVersionResponse> answer = node.GetVersionAsync(new GetVersionRequest(), options).ResponseAsync;
        Task exit = agent.WaitForExitAsync(limit.Token);
        if (await Task.WhenAny(answer, exit) == exit)
        {
            throw new InvalidOperationException($"podagent ended with exit code {agent.ExitCode}\n{AgentLog}");
        }

        await answer;
    }

    /// <summary>SIGKILL, as a crash or the OOM killer would.</summary>
    public async Task KillAgentAsync()
    {
        _agent!.Kill();
        await _agent.WaitForExitAsync();
        await _channel!.DisposeAsync();
    }

    /// <summary>SIGTERM, as systemd sends it; returns the exit code.</summary>
    public async Task<int> StopAgentAsync()
    {
        (await Command.RunAsync("kill", ["-TERM", _agent!.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)])).Succeeded();
        using var limit = new CancellationTokenSource(s_patience);
        await _agent.WaitForExitAsync(limit.Token);
        await _channel!.DisposeAsync();
        return _agent.ExitCode;
    }

    /// <summary>Kills the agent and starts another one.</summary>
    public async Task ReplaceAgentAsync()
    {
        await KillAgentAsync();
        await StartAgentAsync();
    }

    /// <summary><c>podagent cleanup</c> with this agent's own flags.</summary>
    public Task<CommandResult> CleanupAsync() => Command.RunAsync(Repository.Program("podagent"), ["cleanup", .. Flags]);

    /// <summary>What the agent has written to its standard streams.</summary>
    public string AgentLog
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    public Task<CommandResult> PodctlAsync(params string[] arguments) => PodctlWithInputAsync(null, arguments);

    public Task<CommandResult> PodctlWithInputAsync(string? input, params string[] arguments) =>
        Command.RunAsync(Repository.Program("podctl"), arguments, input, new Dictionary<string, string> { ["PODAGENT_SOCKET"] = Socket });

    /// <summary>Starts podctl and leaves it running.</summary>
    internal LineReader PodctlStart(params string[] arguments) =>
        new(Command.Start(Repository.Program("podctl"), arguments, new Dictionary<string, string> { ["PODAGENT_SOCKET"] = Socket }));

    /// <summary>Runs a shell line with podctl in it under a terminal of its own.</summary>
    internal LineReader TerminalStart(string line) =>
        new(Command.Start("script", ["-qec", line, "/dev/null"], TerminalEnvironment(), redirectInput: true));

    /// <summary>Runs a line of bash in which podctl is known.</summary>
    public Task<CommandResult> BashAsync(string line) => Command.RunAsync("bash", ["-c", line], environment: TerminalEnvironment());

    private Dictionary<string, string> TerminalEnvironment() => new()
    {
        ["PODAGENT_SOCKET"] = Socket,
        ["PATH"] = $"{Repository.Binaries}:{Environment.GetEnvironmentVariable("PATH")}",
        ["SHELL"] = "/bin/sh",
        ["TERM"] = "xterm",
    };

    /// <summary>Puts a file into the manifest directory as editors do, and cp does not: at once.</summary>
    public string AddManifest(string fileName, string manifest)
    {
        string temporary = Path.Combine(Directory, fileName + ".new");
        File.WriteAllText(temporary, manifest);
        string path = Path.Combine(Manifests, fileName);
        File.Move(temporary, path, overwrite: true);
        return path;
    }

    /// <summary>Follows events until one matches.</summary>
    public async Task<Event> WaitForEventAsync(Func<Event, bool> condition)
    {
        using var limit = new CancellationTokenSource(s_patience);
        var seen = new List<string>();
        try
        {
            using var call = Pods.WatchEvents(new ListEventsRequest { Namespace = "default" }, cancellationToken: limit.Token);
            await foreach (ListEventsResponse part in call.ResponseStream.ReadAllAsync(limit.Token))
            {
                foreach (Event happened in part.Events)
                {
                    if (condition(happened))
                    {
                        return happened;
                    }

                    seen.Add($"{happened.InvolvedObject.Name} {happened.Reason} {happened.Message}");
                }
            }
        }
        catch (Exception failure) when (failure is OperationCanceledException or RpcException && limit.IsCancellationRequested)
        {
            // Reported below with what was seen.
        }

        throw new TimeoutException($"no such event; seen:\n{string.Join('\n', seen)}\nagent log:\n{AgentLog}");
    }

    /// <summary>Follows a pod until its only container waits for the given reason.</summary>
    public Task<Pod> WaitUntilWaitingAsync(string name, params string[] reasons) =>
        WaitForPodAsync(name, pod => pod.Status.ContainerStatuses is [{ State.Waiting: { } waiting }] && reasons.Contains(waiting.Reason));

    /// <summary>Names of all pods of the default namespace.</summary>
    public async Task<IReadOnlyList<string>> PodNamesAsync() =>
        [.. (await Pods.ListPodsAsync(new ListPodsRequest { Namespace = "default" })).Pods.Select(pod => pod.Metadata.Name)];

    /// <summary>Applies a manifest through podctl's standard input.</summary>
    public async Task ApplyAsync(string manifest) => (await PodctlWithInputAsync(manifest, "apply", "-f", "-")).Succeeded();

    /// <summary>Follows a pod until a condition holds.</summary>
    public async Task<Pod> WaitForPodAsync(string name, Func<Pod, bool> condition)
    {
        using var limit = new CancellationTokenSource(s_patience);
        Pod? last = null;
        try
        {
            using var call = Pods.WatchPods(new ListPodsRequest { Namespace = "default", Name = name }, cancellationToken: limit.Token);
            await foreach (PodWatchEvent change in call.ResponseStream.ReadAllAsync(limit.Token))
            {
                last = change.Pod ?? last;
                if (change.Type is PodWatchEvent.Types.Type.Added or PodWatchEvent.Types.Type.Modified && condition(change.Pod!))
                {
                    return change.Pod!;
                }
            }
        }
        catch (Exception failure) when (failure is OperationCanceledException or RpcException && limit.IsCancellationRequested)
        {
            // Reported below with what was seen.
        }

        throw new TimeoutException($"pod {name} did not get there; last seen: {last?.Status}\nagent log:\n{AgentLog}");
    }

    public Task<Pod> WaitUntilRunningAsync(string name) =>
        WaitForPodAsync(name, pod => pod.Status.Phase == "Running" && pod.Status.ContainerStatuses.Count == pod.Spec.Containers.Count && pod.Status.ContainerStatuses.All(c => c.Ready));

    /// <summary>Follows until no pod of this name is left.</summary>
    public async Task WaitUntilGoneAsync(string name)
    {
        using var limit = new CancellationTokenSource(s_patience);
        using var call = Pods.WatchPods(new ListPodsRequest { Namespace = "default", Name = name }, cancellationToken: limit.Token);
        bool present = false;
        await foreach (PodWatchEvent change in call.ResponseStream.ReadAllAsync(limit.Token))
        {
            switch (change.Type)
            {
                case PodWatchEvent.Types.Type.Added:
                    present = true;
                    break;
                case PodWatchEvent.Types.Type.Deleted:
                case PodWatchEvent.Types.Type.Bookmark when !present:
                    return;
            }
        }
    }

    /// <summary>The main process of a container, as the node numbers it.</summary>
    public async Task<int> HostPidAsync(Pod pod, string container)
    {
        string id = pod.Status.ContainerStatuses.Single(status => status.Name == container).ContainerID["podagent://".Length..];
        ContainerStatusResponse status = await Runtime.ContainerStatusAsync(new ContainerStatusRequest { ContainerId = id, Verbose = true });
        using var info = System.Text.Json.JsonDocument.Parse(status.Info["info"]);
        return info.RootElement.GetProperty("pid").GetInt32();
    }

    public async Task DisposeAsync()
    {
        if (_agent is { HasExited: false })
        {
            await KillAgentAsync();
        }

        CommandResult cleanup = await CleanupAsync();
        System.IO.Directory.Delete(Directory, recursive: true);
        Assert.True(cleanup.ExitCode == 0, $"cleanup failed: {cleanup.Error}\n{AgentLog}");
    }

    private void Note(object sender, DataReceivedEventArgs line)
    {
        lock (_log)
        {
            _log.AppendLine(line.Data);
        }
    }
}
