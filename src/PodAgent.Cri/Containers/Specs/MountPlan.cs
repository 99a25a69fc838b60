using PodAgent.Api.Cri;
using PodAgent.Cri.Sandboxes;
using PodAgent.Linux;
using Wire = PodAgent.Containers.Protocol;

namespace PodAgent.Cri.Containers.Specs;

/// <summary>
/// What is mounted in a container, and in which order: file systems that every container has, files of its pod, volumes that its image
/// declares, and what its configuration asks for. Later sources replace earlier ones at the same place; the order is by depth, so that
/// nothing is hidden by a mount above it.
/// </summary>
internal static class MountPlan
{
    /// <summary>The whole list.</summary>
    /// <param name="defaults">File systems of every container.</param>
    /// <param name="sandboxDirectory">Where the pod's shared files are.</param>
    /// <param name="readOnlyRootfs">Whether the pod's files cannot be written either.</param>
    /// <param name="imageVolumes">Directory of the node by path in the container.</param>
    /// <param name="asked">The configuration's mounts, checked.</param>
    /// <param name="hostPathExists">Whether the node has a path.</param>
    public static IReadOnlyList<Wire.Mount> Build(
        IEnumerable<Wire.Mount> defaults, string sandboxDirectory, bool readOnlyRootfs,
        IReadOnlyDictionary<string, string> imageVolumes, IReadOnlyList<Mount> asked, Func<string, bool> hostPathExists)
    {
        var byPlace = new Dictionary<string, Wire.Mount>(StringComparer.Ordinal);
        foreach (Wire.Mount mount in defaults)
        {
            // A node without a message queue file system of its own still has the queues: mounting it in the node's IPC namespace shows them.
            byPlace[Clean(mount.Destination)] = mount is { Source: "/dev/mqueue" } && !hostPathExists(mount.Source)
                ? new Wire.Mount { Destination = mount.Destination, Type = "mqueue", Source = "mqueue", Options = { "nosuid", "noexec", "nodev" } }
                : mount;
        }

        string[] writable = readOnlyRootfs ? ["rbind", "rprivate", "ro"] : ["rbind", "rprivate"];
        Put(byPlace, "/etc/hostname", SandboxFiles.Hostname(sandboxDirectory), writable);
        Put(byPlace, "/etc/hosts", SandboxFiles.Hosts(sandboxDirectory), writable);
        Put(byPlace, "/etc/resolv.conf", SandboxFiles.ResolvConf(sandboxDirectory), writable);
        foreach ((string place, string directory) in imageVolumes)
        {
            Put(byPlace, place, directory, ["rbind", "rprivate"]);
        }

        foreach (Mount mount in asked)
        {
            byPlace[Clean(mount.ContainerPath)] = Translate(mount);
        }

        return [.. byPlace.Values.OrderBy(mount => Depth(mount.Destination))];
    }

    /// <summary>Names everything that is wrong with the configuration's mounts.</summary>
    public static IEnumerable<string> Problems(IReadOnlyList<Mount> mounts, Func<string, bool> hostPathExists)
    {
        for (int i = 0; i < mounts.Count; i++)
        {
            Mount mount = mounts[i];
            string field = $"mounts[{i}]";
            if (!mount.ContainerPath.StartsWith('/') || Clean(mount.ContainerPath) == "/" || mount.ContainerPath.Contains('\0'))
            {
                yield return $"{field}.container_path: \"{mount.ContainerPath}\" is not an absolute path below /";
            }

            if (mount.Image is { Image.Length: > 0 })
            {
                yield return $"{field}.image: image volumes are not offered by this version";
            }
            else if (!mount.HostPath.StartsWith('/'))
            {
                yield return $"{field}.host_path: \"{mount.HostPath}\" is not an absolute path";
            }
            else if (!hostPathExists(mount.HostPath))
            {
                yield return $"cannot mount \"{mount.HostPath}\" at \"{mount.ContainerPath}\": hostPath \"{mount.HostPath}\" does not exist";
            }

            if (mount.RecursiveReadOnly && !mount.Readonly)
            {
                yield return $"{field}.recursive_read_only: needs readonly";
            }

            if (mount.RecursiveReadOnly && mount.Propagation != MountPropagation.PropagationPrivate)
            {
                yield return $"{field}.recursive_read_only: needs private propagation";
            }

            if (mount.UidMappings.Count > 0 || mount.GidMappings.Count > 0)
            {
                yield return $"{field}: mapped user IDs are not offered by this version";
            }
        }
    }

    /// <summary>The least restrictive propagation that a mount of the container needs above it.</summary>
    public static string RootPropagation(IReadOnlyList<Mount> asked) =>
        asked.Any(mount => mount.Propagation == MountPropagation.PropagationBidirectional) ? "rshared"
        : asked.Any(mount => mount.Propagation == MountPropagation.PropagationHostToContainer) ? "rslave"
        : "rprivate";

    private static Wire.Mount Translate(Mount mount)
    {
        var options = new List<string>
        {
            "rbind",
            mount.Propagation switch
            {
                MountPropagation.PropagationPrivate => "rprivate",
                MountPropagation.PropagationHostToContainer => "rslave",
                MountPropagation.PropagationBidirectional => "rshared",
                _ => throw new AgentException(ErrorKind.InvalidArgument, $"mount propagation {(int)mount.Propagation} is not known"),
            },
        };

        // "ro" is about the top mount only; submounts stay as they are on the host (KEP-3857).
        if (mount.RecursiveReadOnly)
        {
            options.Add("rro");
        }
        else if (mount.Readonly)
        {
            options.Add("ro");
        }

        return new Wire.Mount { Destination = Clean(mount.ContainerPath), Type = "bind", Source = mount.HostPath, Options = { options } };
    }

    private static void Put(Dictionary<string, Wire.Mount> byPlace, string place, string source, string[] options)
    {
        string destination = Clean(place);
        byPlace[destination] = new Wire.Mount { Destination = destination, Type = "bind", Source = source, Options = { options } };
    }

    private static string Clean(string path) => Path.GetFullPath(path) is ['/', _, ..] full ? full.TrimEnd('/') : "/";

    private static int Depth(string path) => path.Count(c => c == '/');
}
