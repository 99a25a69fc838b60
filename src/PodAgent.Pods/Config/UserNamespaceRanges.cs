using System.Globalization;
using PodAgent.Linux.Files;

namespace PodAgent.Pods.Config;

/// <summary>
/// The host's IDs for pods with <c>hostUsers: false</c>: 65536 each, so that no two pods share one, in blocks from a configured ID on. A pod's
/// block stands in its directory and is free again when that goes; the runtime remembers it with the sandbox.
/// </summary>
internal sealed class UserNamespaceRanges(PodEngineOptions options, PodDirectories directories)
{
    private const uint Length = 65536;

    private readonly Lock _gate = new();

    /// <summary>The pod's user namespace; null: it has the host's users.</summary>
    /// <exception cref="ContainerConfigException">All blocks are taken.</exception>
    public Cri.UserNamespace? Of(Core.Pod pod)
    {
        if (!pod.Spec.HasHostUsers || pod.Spec.HostUsers)
        {
            return null;
        }

        lock (_gate)
        {
            string file = Path.Combine(directories.FilesOf(pod.Metadata.Uid), FileName);
            return Namespace(Read(file) ?? Allocate(file));
        }
    }

    /// <summary>Has a container's mounts show their files' owners as the pod's users.</summary>
    public void Map(Core.Pod pod, Cri.ContainerConfig config)
    {
        if (Of(pod) is not { } users)
        {
            return;
        }

        foreach (Cri.Mount mount in config.Mounts.Where(mount => mount.Image is null))
        {
            mount.UidMappings.Add(users.Uids);
            mount.GidMappings.Add(users.Gids);
        }
    }

    private const string FileName = "userns";

    private uint Allocate(string file)
    {
        HashSet<uint> taken = [];
        string pods = Path.GetDirectoryName(Path.GetDirectoryName(file))!;
        if (Directory.Exists(pods))
        {
            taken.UnionWith(Directory.EnumerateDirectories(pods).Select(pod => Read(Path.Combine(pod, FileName))).OfType<uint>());
        }

        ulong end = Math.Min(options.UserNamespaceFirstId + ((ulong)options.UserNamespaceCount * Length), uint.MaxValue);
        for (ulong first = options.UserNamespaceFirstId; first + Length <= end; first += Length)
        {
            if (!taken.Contains((uint)first))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                AtomicFile.Write(file, System.Text.Encoding.ASCII.GetBytes(first.ToString(CultureInfo.InvariantCulture)));
                return (uint)first;
            }
        }

        throw new ContainerConfigException($"all {options.UserNamespaceCount} user namespace ranges from {options.UserNamespaceFirstId} on are in use");
    }

    private static uint? Read(string file) =>
        File.Exists(file) && uint.TryParse(File.ReadAllText(file), NumberStyles.None, CultureInfo.InvariantCulture, out uint first) ? first : null;

    private static Cri.UserNamespace Namespace(uint first) => new()
    {
        Mode = Cri.NamespaceMode.Pod,
        Uids = { new Cri.IDMapping { ContainerId = 0, HostId = first, Length = Length } },
        Gids = { new Cri.IDMapping { ContainerId = 0, HostId = first, Length = Length } },
    };
}
