using PodAgent.Images.Manifests;

namespace PodAgent.Images.Pulling;

/// <summary>A download that several pulls may wait for; it is given up when the last of them has left.</summary>
/// <param name="descriptor">What is fetched.</param>
internal sealed class BlobDownload(Descriptor descriptor)
{
    private volatile GrowingBlob? _blob;

    public Descriptor Descriptor { get; } = descriptor;

    /// <summary>Guarded by <see cref="BlobDownloads"/>.</summary>
    public int Waiters { get; set; } = 1;

    public CancellationTokenSource Cancellation { get; } = new();

    /// <summary>Ends when the blob is in the content store, verified.</summary>
    public TaskCompletionSource Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>There is a file to read from.</summary>
    public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The file as it grows; another one after a new start from nothing. Null: not begun.</summary>
    public GrowingBlob? Blob => _blob;

    /// <summary>Bytes so far.</summary>
    public long Received => _blob?.Length ?? 0;

    public void Begin(GrowingBlob blob)
    {
        _blob = blob;
        Begun.TrySetResult();
    }
}
