using PodAgent.Images;
using PodAgent.Images.Pulling;
using PodAgent.Images.Pushing;

namespace PodAgent.Cri.Ports;

/// <summary>The images of this node.</summary>
public interface IImages
{
    /// <summary>Directory of the file system that holds them.</summary>
    string Directory { get; }

    /// <summary>By ID, shortened ID, tag or digest; null: not here.</summary>
    ImageRecord? Find(string reference);

    /// <summary>All of them.</summary>
    IReadOnlyList<ImageRecord> List();

    /// <summary>Takes the image away with all its names; unknown is fine.</summary>
    Task RemoveAsync(string imageId, CancellationToken cancellationToken);

    /// <summary>Bytes and inodes used.</summary>
    DiskUsage Usage();

    /// <summary>Pulls an image from its registry, or finds that it is here and current.</summary>
    Task<ImageRecord> PullAsync(PullRequest request, CancellationToken cancellationToken);

    /// <summary>Pushes an image; gives the digest that it has there.</summary>
    Task<string> PushAsync(PushRequest request, CancellationToken cancellationToken);

    /// <summary>Gives an image another name.</summary>
    Task<ImageRecord> TagAsync(string reference, string name, CancellationToken cancellationToken);

    /// <summary>Takes a name away, and the image with its last one unless <paramref name="check"/> throws.</summary>
    Task<UntagResult> UntagAsync(string reference, Action<ImageRecord> check, CancellationToken cancellationToken);

    /// <summary>The documents of an image.</summary>
    ImageDocuments Inspect(string reference);

    /// <summary>Writes images as one tar.</summary>
    Task ExportAsync(IReadOnlyList<string> references, Stream output, CancellationToken cancellationToken);

    /// <summary>Loads an archive, all or nothing.</summary>
    Task<IReadOnlyList<ImageRecord>> ImportAsync(Stream archive, string source, string? reference, CancellationToken cancellationToken);
}
