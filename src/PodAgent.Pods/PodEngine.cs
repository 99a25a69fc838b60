using Grpc.Core;
using Microsoft.Extensions.Logging;
using PodAgent.Linux.Files;
using PodAgent.Pods.Actions;
using PodAgent.Pods.Config;
using PodAgent.Pods.Events;
using PodAgent.Pods.Images;
using PodAgent.Pods.Lifecycle;
using PodAgent.Pods.Logs;
using PodAgent.Pods.Probes;
using PodAgent.Pods.Runtime;
using PodAgent.Pods.Service;
using PodAgent.Pods.Sources;
using PodAgent.Pods.Volumes;
using PodAgent.Pods.Workers;

namespace PodAgent.Pods;

/// <summary>
/// The kubelet half of the agent: runs pods from manifests and from the API on any runtime that speaks CRI v1. Disposing it ends the engine and
/// leaves the pods running; a new engine on the same directories takes them over.
/// </summary>
public sealed class PodEngine : IAsyncDisposable
{
    private readonly StatusFiles _statuses;
    private readonly DirectoryWatcher _watcher;
    private readonly HttpProber _http;
    private ManifestDirectory? _manifests;
    private readonly CancellationTokenSource _closing = new();
    private readonly ImageCollector _collector;
    private RuntimeEvents? _runtimeEvents;
    private LogRotation? _logRotation;
    private Task _collecting = Task.CompletedTask;

    private PodEngine(
        PodServices services, PodRegistry registry, StatusFiles statuses, DirectoryWatcher watcher, HttpProber http, ImageCollector collector)
    {
        _collector = collector;
        Services = services;
        Registry = registry;
        _statuses = statuses;
        _watcher = watcher;
        _http = http;
        Logs = new LogReader(watcher);
    }

    internal PodServices Services { get; }

    internal PodRegistry Registry { get; }

    internal LogReader Logs { get; }

    /// <summary>
    /// Composes the engine and starts it. Steps: 1 what is stored and what the runtime has is read; 2 the manifests are read; 3 pods that nobody
    /// wants are ended, the others are taken over or started; 4 runtime events are followed; 5 logs are rotated and unused images are
    /// watched.
    /// </summary>
    /// <param name="options">Paths and names.</param>
    /// <param name="cri">Where the runtime's RuntimeService and ImageService are called.</param>
    /// <param name="loggers">For the engine's log.</param>
    /// <param name="time">All waits and times.</param>
    /// <param name="ct">Ends opening: the engine then is not running.</param>
    /// <exception cref="AgentException">A directory cannot be used.</exception>
    public static async Task<PodEngine> OpenAsync(
        PodEngineOptions options, CallInvoker cri, ILoggerFactory loggers, TimeProvider time, CancellationToken ct)
    {
        ILogger logger = loggers.CreateLogger("PodAgent.Pods");
        PodDirectories directories = new(options.Root, options.State, options.PodLogs);
        CreateDirectories(directories);
        cri = new DeadlineCallInvoker(cri, time, options.RuntimeRequestTimeout);
        var runtime = new Cri.RuntimeService.RuntimeServiceClient(cri);
        PodCgroups cgroups = await PodCgroups.AskAsync(runtime, options, ct);
        NodeFacts node = NodeFacts.Detect(options.NodeName, options.HostIps);
        EventRecorder events = new(time, node.NodeName, new EventFile(Path.Combine(directories.State, "events")));
        ApiPodStore store = new(directories.AcceptedPods, logger);
        HttpProber http = new(time);
        DirectoryWatcher watcher = new();
        PodServices? services = null;
        StatusFiles statuses = new(Path.Combine(directories.State, "status"), logger);
        PodRegistry registry = new(store, statuses, events, logger, time, node.NodeName, (pod, source, finished) => new PodWorker(services!, pod, source, finished));
        services = Compose(options, runtime, new Cri.ImageService.ImageServiceClient(cri),
            directories, new UserNamespaceRanges(options, directories), cgroups, node, events, http, registry, logger, time);

        ImageCollector collector = new(
            runtime, new Cri.ImageService.ImageServiceClient(cri), options.ImageCollection, time, logger, ImageCollector.UsageOf);
        PodEngine engine = new(services, registry, statuses, watcher, http, collector);
        try
        {
            await engine.StartAsync(store, ct);
            return engine;
        }
        catch
        {
            await engine.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends the engine. The pods stay as they are.</summary>
    public async ValueTask DisposeAsync()
    {
        Registry.Close();
        await _closing.CancelAsync();
        await _collecting;
        _closing.Dispose();
        if (_manifests is not null)
        {
            await _manifests.DisposeAsync();
        }

        if (_runtimeEvents is not null)
        {
            await _runtimeEvents.DisposeAsync();
        }

        if (_logRotation is not null)
        {
            await _logRotation.DisposeAsync();
        }

        IReadOnlyList<PodWorker> workers = Registry.Workers;
        await Task.WhenAll(workers.Select(w => w.AbandonAsync()));
        foreach (PodWorker worker in workers)
        {
            Services.Probes.Stop(worker.Uid);
        }

        await _statuses.DisposeAsync();
        await Services.Events.DisposeAsync();
        _watcher.Dispose();
        _http.Dispose();
    }

    private static PodServices Compose(
        PodEngineOptions options,
        Cri.RuntimeService.RuntimeServiceClient runtime,
        Cri.ImageService.ImageServiceClient images,
        PodDirectories directories,
        UserNamespaceRanges users,
        PodCgroups cgroups,
        NodeFacts node,
        EventRecorder events,
        HttpProber http,
        PodRegistry registry,
        ILogger logger,
        TimeProvider time) => new()
        {
            Time = time,
            Logger = logger,
            Options = options,
            Node = node,
            Directories = directories,
            Events = events,
            Cri = runtime,
            Reader = new PodRuntimeReader(runtime),
            SandboxConfigs = new SandboxConfigFactory(options, directories, users, cgroups),
            ContainerConfigs = new ContainerConfigFactory(options, directories, node, new SubPaths(directories), users),
            Volumes = new VolumeHost(directories, node),
            Images = new ImagePresence(images, events, time),
            CrashBackOff = new BackOff(time),
            Hooks = new HookRunner(runtime, http, time),
            Probes = new ProbeController(new ProbeRunner(runtime, http, new GrpcHealth(time), time), events, time),
            StatusChanged = registry.OnStatus,
            PodTerminated = registry.OnTerminated,
        };

    private static void CreateDirectories(PodDirectories directories)
    {
        try
        {
            // What pods are made of may be secret: environment, arguments.
            foreach (string own in new[] { directories.State, directories.AcceptedPods })
            {
                Directory.CreateDirectory(own);
                FileTree.SetPermissions(own, 0b111_000_000);
            }

            Directory.CreateDirectory(directories.Volumes);
            Directory.CreateDirectory(directories.PodLogs);
        }
        catch (Exception e) when (e is IOException or LinuxException or UnauthorizedAccessException)
        {
            throw new AgentException(ErrorKind.FailedPrecondition, $"cannot create the engine's directories: {e.Message}", e);
        }
    }

    private async Task StartAsync(ApiPodStore store, CancellationToken ct)
    {
        // 1
        IReadOnlyList<Core.Pod> stored = store.Load();
        IReadOnlyDictionary<string, Cri.PodSandbox> running = await ListRuntimeAsync(ct);

        // 2
        PodEngineOptions options = Services.Options;
        if (!string.IsNullOrEmpty(options.ManifestDirectory))
        {
            _manifests = new ManifestDirectory(
                options.ManifestDirectory,
                Path.Combine(Services.Directories.State, "manifests"),
                options.ManifestRescan,
                _watcher,
                Services.Events,
                Services.Logger,
                Services.Time,
                Registry.SetManifests);
            _manifests.Start();
        }

        // 3
        HashSet<string> wanted = [.. stored.Select(p => p.Metadata.Uid), .. Registry.ManifestUids];
        List<Core.Pod> orphans = [];
        foreach ((string uid, Cri.PodSandbox sandbox) in running)
        {
            if (!wanted.Contains(uid))
            {
                orphans.Add(await OrphanPods.RebuildAsync(Services.Cri, sandbox, ct));
            }
        }

        Registry.Open(orphans, stored);
        RemoveLeftovers(wanted, running);

        // 4
        _runtimeEvents = new RuntimeEvents(Services.Cri, Services.Time, Services.Logger, options.Resync, OnRuntimeChange);
        _runtimeEvents.Start();

        // 5
        if (options.LogMaxBytes >= 0)
        {
            LogRotator rotator = new(Services.Time, options.LogMaxBytes, options.LogMaxFiles);
            _logRotation = new LogRotation(Services.Cri, Services.Reader, rotator, options.EngineName, Services.Time, Services.Logger);
            _logRotation.Start();
        }
        _collecting = Task.Run(() => _collector.RunAsync(_closing.Token), CancellationToken.None);
    }

    private async Task<IReadOnlyDictionary<string, Cri.PodSandbox>> ListRuntimeAsync(CancellationToken ct)
    {
        while (true)
        {
            try
            {
                return await Services.Reader.ListPodsAsync(Services.Options.EngineName, ct);
            }
            catch (RpcException e) when (!ct.IsCancellationRequested && e.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded)
            {
                // Without knowing what runs nothing may be started or ended.
                PodLog.RuntimeUnavailable(Services.Logger, e.Status.Detail);
                await Task.Delay(TimeSpan.FromSeconds(1), Services.Time, ct);
            }
        }
    }

    private void OnRuntimeChange(string? uid)
    {
        if (uid is not null)
        {
            Registry.FindWorker(uid)?.Notify();
            return;
        }

        foreach (PodWorker worker in Registry.Workers)
        {
            worker.Notify();
        }
    }

    // Of pods that went while no agent was there, or with a reboot.
    private void RemoveLeftovers(HashSet<string> wanted, IReadOnlyDictionary<string, Cri.PodSandbox> running)
    {
        _statuses.Retain(new HashSet<string>([.. wanted, .. running.Keys]));
        foreach (string uid in Services.Volumes.List().Where(u => !wanted.Contains(u) && !running.ContainsKey(u)).ToList())
        {
            try
            {
                Services.Volumes.Remove(uid);
            }
            catch (Exception e) when (e is IOException or LinuxException or UnauthorizedAccessException)
            {
                PodLog.LeftoverNotRemoved(Services.Logger, uid, e.Message);
            }
        }
    }
}
