using PodAgent.Linux;

namespace PodAgent.Cri.Ports;

/// <summary>The users of an image, read from inside its root file system.</summary>
public interface IUserDatabase
{
    /// <summary>Who "name", "uid", "name:group" or "uid:gid" is; empty is root.</summary>
    ImageUser Resolve(Fd rootfs, string user);

    /// <summary>Groups of the image that list this user.</summary>
    IReadOnlyList<uint> Groups(Fd rootfs, ImageUser user);

    /// <summary>The root directory of a running process, for the two above.</summary>
    Fd OpenRoot(int pid);
}
