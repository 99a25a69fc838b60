using PodAgent.Cri.Ports;
using PodAgent.Images;
using PodAgent.Images.Pulling;
using PodAgent.Images.Pushing;

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

    public Task<string> PushAsync(PushRequest request, CancellationToken cancellationToken) => store.PushAsync(request, cancellationToken);

    public Task<ImageRecord> TagAsync(string reference, string name, CancellationToken cancellationToken) => store.TagAsync(reference, name, cancellationToken);

    public Task<UntagResult> UntagAsync(string reference, Action<ImageRecord> check, CancellationToken cancellationToken) =>
        store.UntagAsync(reference, check, cancellationToken);

    public ImageDocuments Inspect(string reference) => store.Inspect(reference);

    public Task ExportAsync(IReadOnlyList<string> references, Stream output, CancellationToken cancellationToken) =>
        store.ExportAsync(references, output, cancellationToken);

    public Task<IReadOnlyList<ImageRecord>> ImportAsync(
        Stream archive, string source, string? reference, CancellationToken cancellationToken) =>
        store.ImportAsync(archive, source, reference, cancellationToken);
}
