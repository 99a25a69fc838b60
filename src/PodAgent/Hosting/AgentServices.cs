using System.Net;
using Grpc.Core;
using Grpc.Health.V1;
using Microsoft.Extensions.Logging;
using PodAgent.Api.Cri;
using PodAgent.Api.Schema;
using PodAgent.Api.V1;
using PodAgent.Configuration;
using PodAgent.Containers.Security;
using PodAgent.Cri;
using PodAgent.Images.Registry;
using PodAgent.Linux.Systemd;
using PodAgent.Pods;
using PodAgent.Pods.Images;
using PodAgent.Pods.Service;
using PodAgent.Rpc.Client;
using PodAgent.Rpc.InProcess;
using PodAgent.Rpc.Server;

namespace PodAgent.Hosting;

/// <summary>
/// The two halves and what they offer. The engine always speaks CRI: to the built-in runtime by handing messages over, to another one over
/// its socket. Opening is recovery; disposing lets go of the pods, which go on.
/// </summary>
internal sealed class AgentServices : IAsyncDisposable
{
    private readonly RpcChannel? _otherRuntime;

    private AgentServices(CriRuntime? runtime, RpcChannel? otherRuntime, PodEngine engine, CallInvoker cri, RpcServiceRegistry registry, HealthService health)
    {
        Runtime = runtime;
        _otherRuntime = otherRuntime;
        Engine = engine;
        Cri = cri;
        Registry = registry;
        Health = health;
    }

    /// <summary>The built-in runtime; null when another one is driven.</summary>
    public CriRuntime? Runtime { get; }

    public PodEngine Engine { get; }

    /// <summary>Calls the runtime, whichever it is.</summary>
    public CallInvoker Cri { get; }

    public RpcServiceRegistry Registry { get; }

    public HealthService Health { get; }

    /// <summary>Opens the runtime, then the engine on top of it.</summary>
    /// <param name="options">The agent's options.</param>
    /// <param name="rpc">How calls are served, in process and over the socket.</param>
    /// <param name="loggers">For both halves.</param>
    /// <param name="withManifests">False: the manifest directory is left alone, and its pods belong to nobody.</param>
    /// <param name="cancel">Ends opening.</param>
    public static async Task<AgentServices> OpenAsync(
        AgentOptions options, RpcServerOptions rpc, ILoggerFactory loggers, bool withManifests, CancellationToken cancel)
    {
        var registry = new RpcServiceRegistry();
        CriRuntime? runtime = null;
        RpcChannel? otherRuntime = null;
        PodEngine? engine = null;
        try
        {
            CallInvoker cri;
            if (options.RuntimeEndpoint is { } endpoint)
            {
                otherRuntime = RpcChannel.ForAddress(endpoint);
                cri = otherRuntime.CreateCallInvoker();
            }
            else
            {
                // Over restarts, too: compiling the default profile takes longer than everything else that opening does.
                SeccompProfiles.CacheDirectory = Path.Combine(options.State, "seccomp");
                runtime = await CriRuntime.OpenAsync(RuntimeOptions(options), loggers, TimeProvider.System, cancel);
                runtime.AddTo(registry);
                cri = new InProcessCallInvoker(registry, rpc) { RunOnCaller = CriRuntime.AnsweredFromMemory };
            }

            engine = await PodEngine.OpenAsync(EngineOptions(options, withManifests), cri, loggers, TimeProvider.System, cancel);
            ProtoSchema.Load();
            registry.Add(AgentService.BindService(new AgentServer(options)), () => ProtoSchema.FileOfService("podagent.v1.AgentService"));
            registry.Add(PodService.BindService(new PodServiceServer(engine)), () => ProtoSchema.FileOfService("podagent.v1.PodService"));
            var health = new HealthService();
            registry.Add(Grpc.Health.V1.Health.BindService(health), () => HealthReflection.Descriptor);
            registry.AddReflection();
            return new AgentServices(runtime, otherRuntime, engine, cri, registry, health);
        }
        catch
        {
            await DisposeAsync(engine, runtime, otherRuntime);
            throw;
        }
    }

    public ValueTask DisposeAsync() => DisposeAsync(Engine, Runtime, _otherRuntime);

    private static async ValueTask DisposeAsync(params IAsyncDisposable?[] parts)
    {
        foreach (IAsyncDisposable part in parts.OfType<IAsyncDisposable>())
        {
            await part.DisposeAsync();
        }
    }

    /// <summary>The built-in runtime's share of the options.</summary>
    public static CriOptions RuntimeOptions(AgentOptions options) => new()
    {
        StateDirectory = options.State,
        RootDirectory = options.Root,
        SandboxBinary = options.SandboxBinary,
        CgroupParent = options.CgroupDriver == CgroupDrivers.Systemd ? SliceName.ForPath(options.CgroupParent) : options.CgroupParent,
        CgroupDriver = options.CgroupDriver == CgroupDrivers.Systemd ? CgroupDriver.Systemd : CgroupDriver.Cgroupfs,
        BridgeName = options.Bridge,
        PodSubnet = options.Subnet,
        NftTable = options.NftablesTable,
        Mtu = options.Mtu,
        BusyboxPath = options.Busybox,
        StreamEndpoint = new IPEndPoint(IPAddress.Parse(options.StreamServerAddress), options.StreamServerPort),
        StreamTls = options.StreamTls,
        StreamIdleTimeout = TimeSpan.FromSeconds(options.StreamIdleTimeoutSeconds),
        RuntimeHandlers = options.RuntimeHandlers.Split(',', StringSplitOptions.RemoveEmptyEntries),
        NodeName = options.NodeName,
        Version = AgentVersion.Current,
        Registry = new RegistryOptions
        {
            HostsDirectories = options.Images.RegistryConfig,
            AuthFiles = options.Images.AuthFiles,
            UserAgent = $"podagent/{AgentVersion.Current}",
            LayersPerTransfer = options.Images.LayersPerPull,
        },
        PinnedImages = options.Images.Pinned,
    };

    private static PodEngineOptions EngineOptions(AgentOptions options, bool withManifests) => new()
    {
        Root = options.Root,
        State = options.State,
        ManifestDirectory = withManifests ? options.Manifests : null,
        PodLogs = options.PodLogs,
        NodeName = options.NodeName,
        CgroupRoot = options.CgroupParent,
        SystemdCgroups = options.CgroupDriver == CgroupDrivers.Systemd,
        EngineName = options.NodeName + ":" + options.State,
        SeccompDirectory = Path.Combine(options.Root, "seccomp"),
        UserNamespaceFirstId = (uint)options.UserNamespaceBase,
        UserNamespaceCount = options.UserNamespaceCount,
        LogMaxBytes = options.ContainerLogMaxSize,
        LogMaxFiles = options.ContainerLogMaxFiles,
        RuntimeRequestTimeout = options.RuntimeRequestTimeout,
        ImageCollection = new ImageCollectionOptions
        {
            HighThreshold = options.Images.HighThreshold,
            LowThreshold = options.Images.LowThreshold,
            MinimumAge = options.Images.MinimumAge,
        },
    };
}
