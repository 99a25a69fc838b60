using PodAgent.Images.Manifests;

namespace PodAgent.Images.Pulling;

/// <summary>The downloads under way on this node, by digest: two pulls of one layer fetch it once.</summary>
internal sealed class BlobDownloads
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, BlobDownload> _running = [];

    /// <summary>Joins the download of a blob, or starts it.</summary>
    /// <param name="descriptor">The blob.</param>
    /// <param name="run">Fetches it; called at most once, and not by this call.</param>
    /// <returns>The download, to be left with <see cref="Leave"/>, and whether it is this caller's own.</returns>
    public (BlobDownload Download, bool Own) Join(Descriptor descriptor, Func<BlobDownload, CancellationToken, Task> run)
    {
        BlobDownload download;
        lock (_gate)
        {
            // One that everybody has left is being given up; its partial file passes on, which the new one waits for.
            BlobDownload? running = _running.GetValueOrDefault(descriptor.Digest);
            if (running is { Waiters: > 0 })
            {
                running.Waiters++;
                return (running, false);
            }

            download = new BlobDownload(descriptor);
            _running[descriptor.Digest] = download;
            _ = RunAsync(download, running?.Completion.Task, run);
        }

        return (download, true);
    }

    /// <summary>The caller no longer waits.</summary>
    public void Leave(BlobDownload download)
    {
        lock (_gate)
        {
            if (--download.Waiters > 0)
            {
                return;
            }
        }

        if (!download.Completion.Task.IsCompleted)
        {
            download.Cancellation.Cancel();
        }
    }

    private async Task RunAsync(BlobDownload download, Task? before, Func<BlobDownload, CancellationToken, Task> run)
    {
        await Task.Yield();
        Exception? failure = null;
        try
        {
            if (before is not null)
            {
                await before.WaitAsync(download.Cancellation.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                download.Cancellation.Token.ThrowIfCancellationRequested();
            }

            await run(download, download.Cancellation.Token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            failure = e;
        }

        lock (_gate)
        {
            if (_running.GetValueOrDefault(download.Descriptor.Digest) == download)
            {
                _running.Remove(download.Descriptor.Digest);
            }
        }

        download.Blob?.End(failure);
        if (failure is null)
        {
            download.Begun.TrySetResult();
            download.Completion.SetResult();
            return;
        }

        download.Begun.TrySetException(failure);
        download.Completion.SetException(failure);
        _ = download.Begun.Task.Exception;
        _ = download.Completion.Task.Exception;
    }
}
