using PodAgent.Cri.Ports;
using PodAgent.Images;
using PodAgent.Images.Pulling;

namespace PodAgent.Cri.Adapters;

/// <summary><see cref="ImageStore"/> as port.</summary>
internal sealed class StoredImages(ImageStore store, string directory) : IImages
{
    public string Directory => directory;

    public ImageRecord? Find(string reference) => store.Find(reference);

    public IReadOnlyList<ImageRecord> List() => store.List();

    public Task RemoveAsync(string imageId, CancellationToken cancellationToken) => store.RemoveAsync(imageId, cancellationToken);

    public DiskUsage Usage()
    {
        ImageUsage usage = store.Usage();
        return new DiskUsage((ulong)usage.Bytes, (ulong)usage.Inodes);
    }

    public Task<ImageRecord> PullAsync(PullRequest request, CancellationToken cancellationToken) => store.PullAsync(request, cancellationToken);

    public Task<IReadOnlyList<ImageRecord>> ImportAsync(
        Stream archive, string source, string? reference, CancellationToken cancellationToken) =>
        store.ImportAsync(archive, source, reference, cancellationToken);
}
