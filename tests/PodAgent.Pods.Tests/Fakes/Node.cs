using Microsoft.Extensions.Logging.Abstractions;
using PodAgent.Api.Manifests;
using PodAgent.Api.V1;
using PodAgent.Pods.Service;
using PodAgent.Rpc.InProcess;
using PodAgent.Rpc.Server;

namespace PodAgent.Pods.Tests.Fakes;

/// <summary>A whole node in a temporary directory: the engine over a fake runtime, and a client of its service. Messages are cloned between all of them.</summary>
internal sealed class Node : IAsyncDisposable
{
    /// <summary>Only ever reached by a test that fails.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly InProcessCallInvoker _runtimeInvoker;
    private PodEngine? _engine;

    private Node(string directory)
    {
        Directory = directory;
        Runtime = new FakeRuntime(Time);
        RpcServiceRegistry services = new();
        services.Add(Cri.RuntimeService.BindService(Runtime));
        services.Add(Cri.ImageService.BindService(Images));
        _runtimeInvoker = new InProcessCallInvoker(services, new RpcServerOptions { TimeProvider = Time }, cloneMessages: true);
        Images.Add("app:1");
        Images.Add("app:2");
    }

    public string Directory { get; }

    // Near the real clock, as files of the manifest directory have real times.
    public ManualTimeProvider Time { get; } = new(DateTimeOffset.UtcNow);

    public FakeRuntime Runtime { get; }

    public FakeImages Images { get; } = new();

    public PodEngine Engine => _engine!;

    public PodService.PodServiceClient Client { get; private set; } = null!;

    public string Manifests => Path.Combine(Directory, "manifests");

    public PodEngineOptions Options => new()
    {
        Root = Path.Combine(Directory, "lib"),
        State = Path.Combine(Directory, "run"),
        ManifestDirectory = Manifests,
        PodLogs = Path.Combine(Directory, "logs"),
        NodeName = "node1",
        HostIps = ["192.0.2.1"],
    };

    public static async Task<Node> StartAsync(Action<Node>? prepare = null)
    {
        Node node = new(System.IO.Directory.CreateTempSubdirectory("podagent-pods-").FullName);
        System.IO.Directory.CreateDirectory(node.Manifests);
        prepare?.Invoke(node);
        await node.OpenAsync();
        return node;
    }

    public async Task OpenAsync()
    {
        _engine = await PodEngine.OpenAsync(Options, _runtimeInvoker, NullLoggerFactory.Instance, Time, CancellationToken.None);
        RpcServiceRegistry services = new();
        services.Add(PodService.BindService(new PodServiceServer(_engine)));
        Client = new PodService.PodServiceClient(new InProcessCallInvoker(services, new RpcServerOptions { ExceptionMapper = AgentErrors.Map }, cloneMessages: true));
    }

    /// <summary>The agent goes and comes back; the runtime stays.</summary>
    public async Task RestartAsync(Action? between = null)
    {
        await _engine!.DisposeAsync();
        between?.Invoke();
        await OpenAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _engine!.DisposeAsync();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    public static Core.Pod Parse(string yaml)
    {
        ManifestReadResult result = new ManifestReader().Read(System.Text.Encoding.UTF8.GetBytes(yaml), "test.yaml");
        Assert.Empty(result.Problems);
        return (Core.Pod)result.Objects.Single().Message;
    }

    public async Task<Core.Pod> ApplyAsync(string yaml, bool createOnly = false) =>
        (await Client.ApplyPodAsync(new ApplyPodRequest { Pod = Parse(yaml), CreateOnly = createOnly })).Pod;

    public void WriteManifest(string name, string content) => File.WriteAllText(Path.Combine(Manifests, name), content);

    public Task<Core.Pod> WaitForPhaseAsync(string name, string phase) => WaitForAsync(name, p => p.Status?.Phase == phase, phase);

    public Task<Core.Pod> WaitForReadyAsync(string name) => WaitForAsync(name, IsReady, "ready");

    public static bool IsReady(Core.Pod pod) => pod.Status?.Conditions.Any(c => c.Type == "Ready" && c.Status == "True") == true;

    public async Task<Core.Pod> WaitForAsync(string name, Func<Core.Pod, bool> condition, string what = "the condition")
    {
        (IReadOnlyList<Core.Pod> pods, WatchHub<PodChange>.Subscription changes) = Engine.Registry.Watch();
        using CancellationTokenSource limit = new(Patience);
        using (changes)
        {
            Core.Pod? last = pods.FirstOrDefault(p => p.Metadata.Name == name);
            if (last is not null && condition(last))
            {
                return last;
            }

            try
            {
                await foreach (PodChange change in changes.Changes.ReadAllAsync(limit.Token))
                {
                    if (change.Pod.Metadata.Name == name)
                    {
                        last = change.Pod;
                        if (change.Type != PodWatchEvent.Types.Type.Deleted && condition(last))
                        {
                            return last;
                        }
                    }
                }
            }
            catch (OperationCanceledException)
            {
                // Said below.
            }

            string events = string.Join('\n', Engine.Services.Events.List("", "").Select(e => $"{e.Reason}: {e.Message}"));
            throw new Xunit.Sdk.XunitException($"pod {name} did not reach {what}; last:\n{last}\nevents:\n{events}\ncalls:\n{string.Join('\n', Runtime.Calls)}");
        }
    }

    public async Task WaitForGoneAsync(string name)
    {
        (IReadOnlyList<Core.Pod> pods, WatchHub<PodChange>.Subscription changes) = Engine.Registry.Watch();
        using CancellationTokenSource limit = new(Patience);
        using (changes)
        {
            if (pods.All(p => p.Metadata.Name != name))
            {
                return;
            }

            await foreach (PodChange change in changes.Changes.ReadAllAsync(limit.Token))
            {
                if (change.Type == PodWatchEvent.Types.Type.Deleted && change.Pod.Metadata.Name == name)
                {
                    return;
                }
            }
        }
    }

    public async Task<Core.Event> WaitForEventAsync(string about, Func<Core.Event, bool> condition)
    {
        (IReadOnlyList<Core.Event> stored, WatchHub<Core.Event>.Subscription next) = Engine.Services.Events.Watch("", about);
        using CancellationTokenSource limit = new(Patience);
        using (next)
        {
            if (stored.FirstOrDefault(condition) is { } known)
            {
                return known;
            }

            await foreach (Core.Event e in next.Changes.ReadAllAsync(limit.Token))
            {
                if (e.InvolvedObject.Name == about && condition(e))
                {
                    return e;
                }
            }
        }

        throw new InvalidOperationException("events ended");
    }
}
