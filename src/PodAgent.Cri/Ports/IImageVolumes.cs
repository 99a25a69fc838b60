using PodAgent.Linux;

namespace PodAgent.Cri.Ports;

/// <summary>Volumes that an image declares: directories of the node that begin with what the image has at that place.</summary>
public interface IImageVolumes
{
    /// <summary>
    /// Copies what the image has at a path, resolved inside the root file system only (CVE-2022-23648), to a new directory of the node.
    /// </summary>
    void Populate(Fd rootfs, string path, string directory);
}
