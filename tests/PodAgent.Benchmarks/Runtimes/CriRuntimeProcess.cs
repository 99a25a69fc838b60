using Grpc.Core;
using PodAgent.Api.Cri;
using PodAgent.Rpc.Client;

namespace PodAgent.Benchmarks.Runtimes;

/// <summary>A CRI runtime with directories of its own, and one client for whichever it is.</summary>
internal abstract class CriRuntimeProcess : IAsyncDisposable
{
    private RpcChannel? _channel;

    public RuntimeService.RuntimeServiceClient Runtime { get; private set; } = null!;

    public ImageService.ImageServiceClient Images { get; private set; } = null!;

    public CallInvoker Invoker { get; private set; } = null!;

    /// <summary>What it is called in the report.</summary>
    public abstract string Name { get; }

    /// <summary>An image that has a static busybox.</summary>
    public abstract string Image { get; }

    public abstract string LogDirectory { get; }

    /// <summary>The directory with the blobs of images, each named by its digest.</summary>
    public abstract string Blobs { get; }

    /// <summary>Parent cgroup for pods; empty: the runtime's own choice.</summary>
    public abstract string CgroupParent { get; }

    /// <summary>Returns once the runtime answers.</summary>
    protected async Task ConnectAsync(string socket)
    {
        _channel = RpcChannel.ForAddress("unix://" + socket);
        Invoker = _channel.CreateCallInvoker();
        Runtime = new RuntimeService.RuntimeServiceClient(Invoker);
        Images = new ImageService.ImageServiceClient(Invoker);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        CallOptions options = new CallOptions(cancellationToken: limit.Token).WithWaitForReady();
        await Runtime.VersionAsync(new VersionRequest(), options);
    }

    public virtual async ValueTask DisposeAsync()
    {
        if (_channel is not null)
        {
            await _channel.DisposeAsync();
        }
    }
}
