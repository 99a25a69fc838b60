using Microsoft.Extensions.Logging;
using PodAgent.Api.Cri;
using PodAgent.Api.Schema;
using PodAgent.Api.V1;
using PodAgent.Cri.Containers;
using PodAgent.Cri.Images;
using PodAgent.Cri.Node;
using PodAgent.Cri.Processes;
using PodAgent.Cri.Recovery;
using PodAgent.Cri.Stores;
using PodAgent.Cri.Streams;
using PodAgent.Rpc.Server;

namespace PodAgent.Cri;

/// <summary>
/// The runtime half of the agent. Opening it is recovery: when this returns, everything that an earlier agent left is taken over or
/// removed, and the services may be offered. Disposing lets go of the pods, which go on.
/// </summary>
public sealed partial class CriRuntime : IAsyncDisposable
{
    private readonly CriContext _context;
    private readonly IReadOnlyList<IAsyncDisposable> _owned;

    private readonly StreamingServer _streaming;

    private CriRuntime(CriContext context, StreamCertificate? certificate, ILoggerFactory loggers, IReadOnlyList<IAsyncDisposable> owned)
    {
        _context = context;
        _owned = owned;
        var execs = new ExecLauncher(context);
        _streaming = new StreamingServer(context, execs, certificate, loggers);
        Runtime = new RuntimeServiceServer(context, execs, _streaming);
        Images = new ImageServiceServer(context);
        Streams = new ContainerStreamServer(context, execs);
        ImageTransfer = new ImageTransferServer(context);
        Node = new NodeServer(context);
        Processes = new ProcessServer(context);
    }

    /// <summary>runtime.v1.RuntimeService.</summary>
    public RuntimeServiceServer Runtime { get; }

    /// <summary>runtime.v1.ImageService.</summary>
    public ImageServiceServer Images { get; }

    /// <summary>podagent.v1.ContainerStreamService.</summary>
    public ContainerStreamServer Streams { get; }

    /// <summary>podagent.v1.ImageTransferService.</summary>
    public ImageTransferServer ImageTransfer { get; }

    /// <summary>podagent.v1.NodeService.</summary>
    public NodeServer Node { get; }

    /// <summary>podagent.v1.ProcessService.</summary>
    public ProcessServer Processes { get; }

    /// <summary>Full names of the calls that never wait: the stores in memory answer them.</summary>
    public static IReadOnlySet<string> AnsweredFromMemory { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "/runtime.v1.RuntimeService/ListPodSandbox",
        "/runtime.v1.RuntimeService/PodSandboxStatus",
        "/runtime.v1.RuntimeService/ListContainers",
        "/runtime.v1.RuntimeService/ContainerStatus",
        "/runtime.v1.ImageService/ImageStatus",
    };

    internal CriContext Context => _context;

    /// <summary>Offers all of them, for the network and in-process callers alike.</summary>
    public void AddTo(RpcServiceRegistry services)
    {
        services.Add(RuntimeService.BindService(Runtime), () => ProtoSchema.FileOfService("runtime.v1.RuntimeService"));
        services.Add(ImageService.BindService(Images), () => ProtoSchema.FileOfService("runtime.v1.ImageService"));
        services.Add(ContainerStreamService.BindService(Streams), () => ProtoSchema.FileOfService("podagent.v1.ContainerStreamService"));
        services.Add(ImageTransferService.BindService(ImageTransfer), () => ProtoSchema.FileOfService("podagent.v1.ImageTransferService"));
        services.Add(NodeService.BindService(Node), () => ProtoSchema.FileOfService("podagent.v1.NodeService"));
        services.Add(ProcessService.BindService(Processes), () => ProtoSchema.FileOfService("podagent.v1.ProcessService"));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _streaming.DisposeAsync().ConfigureAwait(false);
        _context.Dispose();
        foreach (SandboxEntry entry in _context.Sandboxes.Entries)
        {
            if (entry.Supervision is { } supervision)
            {
                await supervision.DisposeAsync().ConfigureAwait(false);
            }
        }

        foreach (ContainerEntry entry in _context.Containers.Entries)
        {
            entry.TakeRootfs()?.Dispose();
        }

        foreach (IAsyncDisposable owned in _owned)
        {
            await owned.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Takes everything off the machine that pods leave for the next pod: the network and the control group above all pods. Call it
    /// when no sandbox is left; then only disposal is allowed.
    /// </summary>
    public async Task RemoveAllAsync(CancellationToken cancellationToken)
    {
        await _context.Ports.Network.RemoveAllAsync(cancellationToken).ConfigureAwait(false);
        _context.Ports.Cgroups.Open(_context.Options.CgroupParent).Remove();
    }

    internal static async Task<CriRuntime> OpenAsync(
        CriOptions options, CriPorts ports, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken,
        params IReadOnlyList<IAsyncDisposable> owned)
    {
        StreamCertificate? certificate = options.StreamTls is null ? null : StreamCertificate.Load(options, time);
        var context = new CriContext(options, ports, loggers.CreateLogger("PodAgent.Cri"), time);
        await new RuntimeRecovery(context).RunAsync(cancellationToken).ConfigureAwait(false);
        var runtime = new CriRuntime(context, certificate, loggers, owned);
        if (options.StreamEndpoint.Port != 0)
        {
            // A fixed port that is taken is said now, not by the first exec.
            try
            {
                await runtime._streaming.StartAsync(cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                await runtime.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }

        return runtime;
    }
}
