using PodAgent.Images;
using PodAgent.Images.Pulling;

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

    /// <summary>Loads an archive, all or nothing.</summary>
    Task<IReadOnlyList<ImageRecord>> ImportAsync(Stream archive, string source, string? reference, CancellationToken cancellationToken);
}
