using PodAgent.Images.Content;
using PodAgent.Images.Records;
using PodAgent.Images.Snapshots;
using PodAgent.Images.Transfers;

namespace PodAgent.Images.Pulling;

/// <summary>
/// Unpacks the layers of one image, the lowest first, each as soon as its first bytes are there. A layer gets its place when its blob is
/// verified, too. What two pulls have in common is unpacked by one of them.
/// </summary>
internal sealed class LayerSequence(ContentStore content, SnapshotStore snapshots, KeyedLock unpacking, ImageLimits limits)
{
    /// <summary>Unpacks all that are not there; blocks.</summary>
    public void Unpack(IReadOnlyList<StoredLayer> layers, IReadOnlyDictionary<string, LayerTransfer> transfers, CancellationToken ct)
    {
        var lower = new List<string>();
        long budget = limits.MaxImageSize;
        foreach (StoredLayer layer in layers)
        {
            LayerTransfer transfer = transfers[layer.Digest];
            using (unpacking.Enter(layer.ChainId, ct))
            {
                if (!snapshots.Contains(layer.ChainId))
                {
                    budget -= Unpack(layer, transfer, lower, budget, ct);
                }
            }

            Complete(transfer, ct);
            lower.Insert(0, snapshots.PathOf(layer.ChainId));
        }
    }

    private static void Complete(LayerTransfer transfer, CancellationToken ct)
    {
        transfer.WaitUntilFetched(ct);
        transfer.State = transfer.State == LayerState.Present ? LayerState.Present : LayerState.Done;
    }

    private long Unpack(StoredLayer layer, LayerTransfer transfer, IReadOnlyList<string> lower, long budget, CancellationToken ct)
    {
        transfer.Readable.Task.WaitAsync(ct).GetAwaiter().GetResult();
        PendingSnapshot? pending = null;
        if (transfer.Download?.Blob is { } growing)
        {
            try
            {
                pending = Unpack(growing.OpenReader, layer, lower, budget, ct);
            }
            catch (Exception e) when (e is BlobInterruptedException or ContentException or IOException && !ct.IsCancellationRequested)
            {
                // When the blob turns out to be wrong or incomplete, that is what is wrong. When it was fetched anew meanwhile, this was the old one.
                transfer.WaitUntilFetched(ct);
                if (e is ContentException && transfer.Download?.Blob == growing)
                {
                    throw;
                }
            }
        }

        try
        {
            transfer.WaitUntilFetched(ct);
            if (pending is null)
            {
                transfer.State = transfer.State == LayerState.Present ? LayerState.Present : LayerState.Unpacking;
                pending = Unpack(_ => content.Open(layer.Digest), layer, lower, budget, ct);
            }

            snapshots.Gate.Wait(ct);
            try
            {
                snapshots.Place(pending);
            }
            finally
            {
                snapshots.Gate.Release();
            }

            return pending.TarSize;
        }
        catch
        {
            if (pending is not null && Directory.Exists(pending.Directory))
            {
                SnapshotStore.RemoveTree(pending.Directory);
            }

            throw;
        }
    }

    private PendingSnapshot Unpack(Func<CancellationToken, Stream> open, StoredLayer layer, IReadOnlyList<string> lower, long budget, CancellationToken ct)
    {
        try
        {
            return snapshots.Unpack(open, layer, LayerDurability.ThisBoot, lower, budget, limits, ct);
        }
        catch (ContentException e)
        {
            throw new ContentException(e.Kind, $"layer {layer.Digest}: {e.Message}", e);
        }
    }
}
