using PodAgent.Containers.Protocol;
using PodAgent.Linux;
using PodAgent.Linux.Files;
using PodAgent.Linux.Mounting;
using PodAgent.Linux.Processes;
using PodAgent.Linux.Terminals;

namespace PodAgent.Containers.Launch;

/// <summary>Fills a container's /dev: nodes, the usual links, and the console of a container with a terminal.</summary>
internal static class DeviceTree
{
    private static readonly Device[] s_standard =
    [
        Standard("/dev/null", 1, 3), Standard("/dev/zero", 1, 5), Standard("/dev/full", 1, 7), Standard("/dev/random", 1, 8),
        Standard("/dev/urandom", 1, 9), Standard("/dev/tty", 5, 0),
    ];

    private static readonly (string Path, string Target)[] s_links =
    [
        ("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"), ("stderr", "/proc/self/fd/2"), ("ptmx", "pts/ptmx"),
    ];

    /// <summary>Creates nodes and links; only in a /dev that the specification mounts as tmpfs, for any other belongs to somebody else.</summary>
    public static void Fill(ContainerSpec spec, RootTree tree, IdMapping? owners)
    {
        bool own = spec.Mounts.LastOrDefault(static mount => RootTree.Components(mount.Destination) is ["dev"]) is { Type: "tmpfs" };
        foreach (Device device in own ? s_standard.Where(standard => !spec.Devices.Any(device => device.Path == standard.Path)).Concat(spec.Devices) : spec.Devices)
        {
            MakeNode(device, tree, owners);
        }

        if (own)
        {
            using Fd dev = tree.TryOpen("/dev") ?? throw new LinuxException("openat2(2)", "/dev", Errno.ENOENT);
            foreach ((string path, string target) in s_links)
            {
                if (FileTree.TryMakeLink(path, target, dev) && owners is not null)
                {
                    FileTree.SetOwner(path, owners.RootUser, owners.RootGroup, dev);
                }
            }
        }
    }

    /// <summary>Opens a pair in the container's own devpts instance and makes the follower its /dev/console.</summary>
    public static (Fd Leader, Fd Follower) OpenConsole(RootTree tree)
    {
        using Fd instance = tree.TryOpen("/dev/pts") ?? throw new LinuxException("openat2(2)", "/dev/pts", Errno.ENOENT);
        if (FileTree.TypeOf(instance) != FileSystemType.Devpts)
        {
            throw new LinuxException("open terminal", "/dev/pts", Errno.ENODEV);
        }

        (Fd leader, Fd follower) = PseudoTerminals.Open("ptmx", instance);
        using Fd place = tree.OpenOrCreate("/dev/console", directory: false, links: false);
        using Fd console = MountTrees.Clone(follower, recursive: false, "/dev/console");
        MountTrees.Attach(console, place, "/dev/console");
        return (leader, follower);
    }

    private static void MakeNode(Device device, RootTree tree, IdMapping? owners)
    {
        List<string> components = RootTree.Components(device.Path);
        if (components.Count == 0)
        {
            throw new LinuxException("mknod(2)", device.Path, Errno.EINVAL);
        }

        using Fd parent = tree.OpenOrCreate("/" + string.Join('/', components[..^1]), directory: true);
        FileKind kind = device.Type switch
        {
            "c" or "u" => FileKind.CharacterDevice,
            "b" => FileKind.BlockDevice,
            "p" => FileKind.Fifo,
            _ => throw new LinuxException("mknod(2)", $"{device.Path} of type {device.Type}", Errno.EINVAL),
        };
        uint user = owners?.Users.ToOutside(device.Uid) ?? device.Uid;
        uint group = owners?.Groups.ToOutside(device.Gid) ?? device.Gid;
        if (FileTree.TryMakeNode(components[^1], kind, device.Mode & 0x1FF, DeviceNumber.Make(device.Major, device.Minor), parent)
            && (user | group) != 0)
        {
            FileTree.SetOwner(components[^1], user, group, parent);
        }
    }

    private static Device Standard(string path, long major, long minor) => new() { Path = path, Type = "c", Major = major, Minor = minor, Mode = 0x1B6 };
}
