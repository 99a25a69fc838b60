using PodAgent.Containers.Cgroups;
using PodAgent.Cri.Ports;

namespace PodAgent.Cri.Adapters;

/// <summary><see cref="CgroupHost"/> as port.</summary>
internal sealed class HostCgroups(CgroupHost host, TimeProvider time) : ICgroups
{
    public int Version => host.Version;

    public ICgroup Open(string path) => new HostCgroup(path, host.Open(path), time);

    public IReadOnlyList<string> Children(string path) => host.Children(path);
}
