using PodAgent.Images.Manifests;
using PodAgent.Images.Transfers;

namespace PodAgent.Images.Pulling;

/// <summary>A layer of one pull.</summary>
/// <param name="descriptor">The blob.</param>
internal sealed class LayerTransfer(Descriptor descriptor)
{
    private volatile BlobDownload? _download;
    private volatile LayerState _state;

    public Descriptor Descriptor { get; } = descriptor;

    public LayerState State
    {
        get => _state;
        set => _state = value;
    }

    /// <summary>The download that brings it; null: it is here.</summary>
    public BlobDownload? Download
    {
        get => _download;
        set => _download = value;
    }

    /// <summary>Ends when the blob can be read from.</summary>
    public TaskCompletionSource Readable { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the blob is in the content store.</summary>
    public Task Fetched { get; set; } = Task.CompletedTask;

    /// <summary>Blocks until the blob is in the content store.</summary>
    public void WaitUntilFetched(CancellationToken ct) => Fetched.WaitAsync(ct).GetAwaiter().GetResult();

    public LayerStatus Status()
    {
        LayerState state = State;
        long received = state is LayerState.Done or LayerState.Present ? Descriptor.Size : Download?.Received ?? 0;
        return new LayerStatus(
            Descriptor.Digest, Descriptor.Size, received, state == LayerState.Transferring && received == Descriptor.Size ? LayerState.Unpacking : state);
    }
}
