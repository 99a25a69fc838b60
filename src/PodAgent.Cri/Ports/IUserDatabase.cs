using PodAgent.Containers.Users;
using PodAgent.Linux;

namespace PodAgent.Cri.Ports;

/// <summary>The users of an image, read from inside its root file system.</summary>
public interface IUserDatabase
{
    /// <summary>Who "name", "uid", "name:group" or "uid:gid" is; empty is root.</summary>
    ResolvedUser Resolve(Fd rootfs, string user);

    /// <summary>The root directory of a running process, to resolve users in.</summary>
    Fd OpenRoot(int pid);
}
