using Grpc.Core;
using Microsoft.Extensions.Logging;
using PodAgent.Linux.Files;

namespace PodAgent.Pods.Images;

/// <summary>
/// Removes images that nothing uses when their file system fills up, the longest unused first. Never: images of a container in whatever state,
/// pinned ones, and such as came a moment ago, whose container may be in the making.
/// </summary>
internal sealed class ImageCollector(
    Cri.RuntimeService.RuntimeServiceClient runtime,
    Cri.ImageService.ImageServiceClient images,
    ImageCollectionOptions options,
    TimeProvider time,
    ILogger logger,
    Func<string, FileSystemUsage> usageOf)
{
    private readonly Dictionary<string, (DateTimeOffset Detected, DateTimeOffset Used)> _known = [];

    /// <summary>Sizes of the file system that a path is on.</summary>
    /// <exception cref="LinuxException">It cannot be opened.</exception>
    public static FileSystemUsage UsageOf(string path)
    {
        using Fd directory = FileTree.OpenDirectory(path);
        return FileTree.UsageOf(directory);
    }

    /// <summary>Looks, and removes what has to go, until told to stop.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        if (options.HighThreshold >= 100)
        {
            return;
        }

        try
        {
            using var timer = new PeriodicTimer(options.Period, time);
            do
            {
                try
                {
                    await CollectAsync(ct);
                }
                catch (Exception e) when (e is RpcException or LinuxException && !ct.IsCancellationRequested)
                {
                    PodLog.ImagesNotCollected(logger, e is RpcException rpc ? rpc.Status.Detail : e.Message);
                }
            }
            while (await timer.WaitForNextTickAsync(ct));
        }
        catch (Exception e) when (e is OperationCanceledException or RpcException && ct.IsCancellationRequested)
        {
            // The engine ends.
        }
    }

    /// <summary>One round. Steps: 1 who is used when; 2 how full is it; 3 remove until there is room.</summary>
    public async Task CollectAsync(CancellationToken ct)
    {
        // 1
        DateTimeOffset now = time.GetUtcNow();
        Cri.ListImagesResponse present = await images.ListImagesAsync(new Cri.ListImagesRequest(), cancellationToken: ct);
        HashSet<string> used = await UsedAsync(present, ct);
        Remember(present, used, now);

        // 2
        Cri.ImageFsInfoResponse fileSystems = await images.ImageFsInfoAsync(new Cri.ImageFsInfoRequest(), cancellationToken: ct);
        if (fileSystems.ImageFilesystems.FirstOrDefault()?.FsId?.Mountpoint is not { Length: > 0 } mountpoint)
        {
            return;
        }

        FileSystemUsage usage = usageOf(mountpoint);
        if (usage.Size == 0)
        {
            return;
        }

        ulong percent = 100 - (usage.Available * 100 / usage.Size);
        if (percent < (ulong)options.HighThreshold)
        {
            return;
        }

        // 3. What an image says it has is an upper bound: it may share layers. So the file system is asked after each one.
        ulong wanted = usage.Size / 100 * (ulong)(100 - options.LowThreshold);
        int removed = 0;
        foreach (Cri.Image image in present.Images
            .Where(image => !image.Pinned && !used.Contains(image.Id) && now - _known[image.Id].Detected >= options.MinimumAge)
            .OrderBy(image => _known[image.Id].Used).ThenBy(image => _known[image.Id].Detected).ToList())
        {
            // A container may have been made from it meanwhile.
            if ((await UsedAsync(present, ct)).Contains(image.Id))
            {
                continue;
            }

            await images.RemoveImageAsync(new Cri.RemoveImageRequest { Image = new Cri.ImageSpec { Image = image.Id } }, cancellationToken: ct);
            _known.Remove(image.Id);
            removed++;
            PodLog.ImageCollected(logger, image.RepoTags.FirstOrDefault() ?? image.Id, percent);
            if (usageOf(mountpoint).Available >= wanted)
            {
                return;
            }
        }

        PodLog.ImagesStillTooLarge(logger, percent, options.HighThreshold, removed);
    }

    // Runtimes tell a container's image as ID, name or digest.
    private async Task<HashSet<string>> UsedAsync(Cri.ListImagesResponse present, CancellationToken ct)
    {
        Cri.ListContainersResponse containers = await runtime.ListContainersAsync(new Cri.ListContainersRequest(), cancellationToken: ct);
        HashSet<string> named = [.. containers.Containers.SelectMany(container => new[] { container.ImageId, container.ImageRef, container.Image?.Image ?? "" })];
        return [.. present.Images.Where(image => named.Contains(image.Id) || image.RepoTags.Any(named.Contains) || image.RepoDigests.Any(named.Contains)).Select(image => image.Id)];
    }

    private void Remember(Cri.ListImagesResponse present, HashSet<string> used, DateTimeOffset now)
    {
        foreach (Cri.Image image in present.Images)
        {
            DateTimeOffset detected = _known.TryGetValue(image.Id, out (DateTimeOffset Detected, DateTimeOffset Used) known) ? known.Detected : now;
            _known[image.Id] = (detected, used.Contains(image.Id) ? now : known.Used);
        }

        HashSet<string> ids = [.. present.Images.Select(image => image.Id)];
        foreach (string gone in _known.Keys.Where(id => !ids.Contains(id)).ToList())
        {
            _known.Remove(gone);
        }
    }
}
