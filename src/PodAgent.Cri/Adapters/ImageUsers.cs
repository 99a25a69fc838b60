using PodAgent.Containers.Users;
using PodAgent.Cri.Ports;
using PodAgent.Linux;
using PodAgent.Linux.Files;

namespace PodAgent.Cri.Adapters;

/// <summary><see cref="UserLookup"/> as port.</summary>
internal sealed class ImageUsers : IUserDatabase
{
    public ResolvedUser Resolve(Fd rootfs, string user) => UserLookup.Resolve(rootfs, user);

    public Fd OpenRoot(int pid) => FileTree.Open($"/proc/{pid}/root", OpenFlags.Path | OpenFlags.Directory);
}
