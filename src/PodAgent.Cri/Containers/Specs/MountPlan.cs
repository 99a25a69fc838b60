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
    /// <param name="deviceMounts">What CDI devices bring along.</param>
    /// <param name="asked">The configuration's mounts, checked.</param>
    /// <param name="volumeImages">ID of the image of each of those that mounts one, in their order.</param>
    /// <param name="hostPathExists">Whether the node has a path.</param>
    public static IReadOnlyList<Wire.Mount> Build(
        IEnumerable<Wire.Mount> defaults, string sandboxDirectory, bool readOnlyRootfs,
        IReadOnlyDictionary<string, string> imageVolumes, IReadOnlyList<Wire.Mount> deviceMounts, IReadOnlyList<Mount> asked,
        IReadOnlyList<string> volumeImages, Func<string, bool> hostPathExists)
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

        // A device's mounts give way to what the container's own configuration asks for.
        foreach (Wire.Mount mount in deviceMounts)
        {
            byPlace[Clean(mount.Destination)] = mount;
        }

        int volumes = 0;
        foreach (Mount mount in asked)
        {
            byPlace[Clean(mount.ContainerPath)] = IsImage(mount) ? TranslateImage(mount, volumes, volumeImages[volumes++]) : Translate(mount);
        }

        return [.. byPlace.Values.OrderBy(mount => Depth(mount.Destination))];
    }

    /// <summary>Whether a mount is an image's content.</summary>
    public static bool IsImage(Mount mount) => mount.Image is { Image.Length: > 0 };

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

        if (mount.UidMappings.Count > 0)
        {
            options.Add("idmap");
        }

        // For the whole tree: a file system mounted below is no way around it.
        options.AddRange(mount.MountOptions.Select(option => $"r{option}"));
        return new Wire.Mount { Destination = Clean(mount.ContainerPath), Type = "bind", Source = mount.HostPath, Options = { options } };
    }

    // The descriptor behind the root file system's; the source only tells people what it is.
    private static Wire.Mount TranslateImage(Mount mount, int index, string imageId) => new()
    {
        Destination = Clean(mount.ContainerPath),
        Type = "bind",
        Source = imageId,
        SourceFd = index + 1,
        SourceSubPath = mount.ImageSubPath,
        Options = { "rprivate", "ro", mount.MountOptions },
    };

    private static void Put(Dictionary<string, Wire.Mount> byPlace, string place, string source, string[] options)
    {
        string destination = Clean(place);
        byPlace[destination] = new Wire.Mount { Destination = destination, Type = "bind", Source = source, Options = { options } };
    }

    /// <summary>The path without superfluous parts.</summary>
    public static string Clean(string path) => Path.GetFullPath(path) is ['/', _, ..] full ? full.TrimEnd('/') : "/";

    private static int Depth(string path) => path.Count(c => c == '/');
}
