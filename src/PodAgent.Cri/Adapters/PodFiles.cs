using System.Net;
using PodAgent.Api.Cri;
using PodAgent.Cri.Ports;
using PodAgent.Linux.Files;
using PodAgent.Linux.Mounting;
using PodAgent.Linux.Processes;
using PodAgent.Network;

namespace PodAgent.Cri.Adapters;

/// <summary>The shared files of a pod, rendered by the network part, and its tmpfs.</summary>
internal sealed class PodFiles : ISandboxFiles
{
    public string Hosts(string hostname, IReadOnlyList<string> addresses, bool hostNetwork) => hostNetwork
        ? HostsFile.RenderForHostNetwork(ReadOrEmpty("/etc/hosts"), [])
        : HostsFile.Render([.. addresses.Select(IPAddress.Parse)], hostname, null, []);

    public string ResolvConf(DNSConfig? dns)
    {
        var asked = dns is null ? new ResolverConfiguration([], [], []) : new ResolverConfiguration(dns.Servers, dns.Searches, dns.Options);
        return asked.IsEmpty ? ReadOrEmpty("/etc/resolv.conf") : Network.ResolvConf.Render(Network.ResolvConf.Limit(asked, out _));
    }

    public void MountSharedMemory(string directory, long bytes, IdMapping? owners) => Mounts.Mount(
        "shm", directory, "tmpfs", MountFlags.NoSuid | MountFlags.NoDevices | MountFlags.NoExec,
        $"mode=1777,size={bytes}{(owners is null ? "" : $",uid={owners.RootUser},gid={owners.RootGroup}")}");

    public void GiveTo(string path, IdMapping owners) => FileTree.SetOwner(path, owners.RootUser, owners.RootGroup);

    // Lazily: a container of another pod that was given this host path must not keep the sandbox from going.
    public void UnmountSharedMemory(string directory)
    {
        if (Directory.Exists(directory))
        {
            _ = Mounts.TryUnmount(directory, detach: true);
        }
    }

    private static string ReadOrEmpty(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return "";
        }
    }
}
