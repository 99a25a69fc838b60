using PodAgent.Api.Cri;
using PodAgent.Cri.Containers;
using PodAgent.Cri.Ports;

namespace PodAgent.Cri.Images;

/// <summary>ImageFsInfo: one file system holds layers and writable layers.</summary>
internal sealed class GetImageFsInfo(CriContext runtime)
{
    public ImageFsInfoResponse Invoke()
    {
        DiskUsage usage = runtime.Ports.Images.Usage();
        var fileSystem = new FilesystemUsage
        {
            Timestamp = runtime.Time.Nanoseconds(),
            FsId = new FilesystemIdentifier { Mountpoint = runtime.Ports.Images.Directory },
            UsedBytes = UsageView.Value(usage.Bytes),
            InodesUsed = UsageView.Value(usage.Inodes),
        };
        return new ImageFsInfoResponse { ImageFilesystems = { fileSystem }, ContainerFilesystems = { fileSystem.Clone() } };
    }
}
