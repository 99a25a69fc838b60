using PodAgent.Linux;
using PodAgent.Linux.Processes;

namespace PodAgent.Cri.Ports;

/// <summary>Volumes that an image declares: directories of the node that begin with what the image has at that place.</summary>
public interface IImageVolumes
{
    /// <summary>Whether a mounted image has a path, resolved inside of it.</summary>
    bool Has(Fd root, string path);

    /// <summary>
    /// Copies what the image has at a path, resolved inside the root file system only (CVE-2022-23648), to a new directory of the node.
    /// </summary>
    /// <param name="rootfs">The root file system.</param>
    /// <param name="path">The path in it.</param>
    /// <param name="directory">The new directory.</param>
    /// <param name="owners">Whose root owns a directory that the image does not have; null: the host's.</param>
    void Populate(Fd rootfs, string path, string directory, IdMapping? owners);
}
