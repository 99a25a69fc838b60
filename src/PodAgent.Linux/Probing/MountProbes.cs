using PodAgent.Linux.Files;
using PodAgent.Linux.Mounting;
using PodAgent.Linux.Processes;

namespace PodAgent.Linux.Probing;

/// <summary>The kinds of mounts that pods are made of, each made once in a mount namespace that ends with its thread.</summary>
/// <param name="root">Where images and writable layers live, or will; its nearest existing parent is tried on when it does not exist yet.</param>
public sealed class MountProbes(string root)
{
    private const string Area = "Mounts";

    /// <summary>All of them.</summary>
    public IReadOnlyList<Probe> All =>
    [
        new Probe(Area, "fsopen, fsmount", ProbeNeed.Required, InPrivate(ProbeFileSystemContext))
        {
            Cost = "no root of a container can be made",
            Remedy = "Linux 5.2 or later; in a container, a seccomp profile that allows fsopen",
        },
        new Probe(Area, "open_tree, move_mount", ProbeNeed.Required, InPrivate(ProbeTrees))
        {
            Cost = "no volume can be mounted",
            Remedy = "Linux 5.2 or later; in a container, a seccomp profile that allows open_tree and move_mount",
        },
        new Probe(Area, "mount_setattr", ProbeNeed.Required, InPrivate(() => ProbeAttributes(recursive: false)))
        {
            Cost = "read-only mounts cannot be made",
            Remedy = "Linux 5.12 or later",
        },
        new Probe(Area, "recursive read-only", ProbeNeed.Useful, InPrivate(() => ProbeAttributes(recursive: true)))
        {
            Cost = "recursiveReadOnly: Enabled is refused",
            Remedy = "Linux 5.12 or later",
        },
        new Probe(Area, "overlay", ProbeNeed.Required, InPrivate(() => InWorkDirectory(ProbeOverlay)))
        {
            Cost = "no container can be started",
            Remedy = "a kernel with CONFIG_OVERLAY_FS (modprobe overlay), and a root directory on ext4, xfs (ftype=1), btrfs or tmpfs, not on overlay or NFS",
        },
        new Probe(Area, "overlay without mount(2)", ProbeNeed.Optional, InPrivate(() => InWorkDirectory(ProbeDetachedOverlay)))
        {
            Cost = "each container's root takes a little longer",
            Remedy = "Linux 6.7 or later",
        },
        new Probe(Area, "file capabilities", ProbeNeed.Useful, () => InWorkDirectory(ProbeAttributes))
        {
            Cost = "extended attributes of images, file capabilities among them, are lost",
            Remedy = "a root directory on a file system with extended attributes",
        },
        new Probe(Area, "id-mapped mounts", ProbeNeed.Useful, InPrivate(() => InWorkDirectory(ProbeIdMapping)))
        {
            Cost = "hostUsers: false is refused",
            Remedy = "Linux 5.12 or later (5.15 ext4 and xfs, 6.3 tmpfs), and a root directory on a file system that supports it",
        },
        new Probe(Area, "tmpfs", ProbeNeed.Required, InPrivate(() => NewFileSystem("tmpfs")))
        {
            Cost = "no /dev, /dev/shm and memory volumes",
            Remedy = "a kernel with CONFIG_TMPFS",
        },
        new Probe(Area, "mqueue", ProbeNeed.Required, InPrivate(() => NewFileSystem("mqueue")))
        {
            Cost = "containers have no /dev/mqueue",
            Remedy = "a kernel with CONFIG_POSIX_MQUEUE",
        },
        new Probe(Area, "hugetlbfs", ProbeNeed.Optional, InPrivate(() => NewFileSystem("hugetlbfs")))
        {
            Cost = "volumes with medium HugePages are refused",
            Remedy = "a kernel with CONFIG_HUGETLBFS",
        },
        new Probe(Area, "fuse", ProbeNeed.Optional, ProbeFuse)
        {
            Privileged = false,
            Cost = "containers cannot mount FUSE file systems",
            Remedy = "modprobe fuse",
        },
    ];

    /// <summary>Work in a mount namespace of its own, from which nothing gets out.</summary>
    private static Func<string> InPrivate(Func<string> work) => () =>
    {
        Namespaces.Unshare(NamespaceKinds.Mount);
        Mounts.Mount(null, "/", null, MountFlags.Private | MountFlags.Recursive);
        return work();
    };

    private static string ProbeFileSystemContext() => NewFileSystem("proc");

    private static string NewFileSystem(string type)
    {
        using var context = new FileSystemContext(type);
        using Fd mount = context.CreateMount();
        return "";
    }

    private static string ProbeTrees()
    {
        using Fd tree = MountTrees.Clone("/", recursive: true);
        using var context = new FileSystemContext("tmpfs");
        using Fd mount = context.CreateMount();
        MountTrees.Attach(mount, "/proc");
        return "";
    }

    private static string ProbeAttributes(bool recursive)
    {
        using Fd tree = MountTrees.Clone("/", recursive);
        MountTrees.SetAttributes(tree, MountAttributes.ReadOnly | MountAttributes.NoSuid, MountAttributes.None, recursive: recursive);
        return "";
    }

    private static string ProbeOverlay(string work)
    {
        OverlayLayers layers = MakeLayers(work);
        string place = Directory.CreateDirectory(Path.Combine(work, "place")).FullName;
        using Fd mount = OverlayMounts.TryMountDetached(layers) ?? OverlayMounts.MountAndDetach(layers, place);
        MountTrees.Attach(mount, place);

        // What unpacking and running do: write, copy up, delete with a whiteout.
        FileData.WriteText(Path.Combine(place, "below"), "changed");
        File.WriteAllText(Path.Combine(place, "new"), "new");
        File.Delete(Path.Combine(place, "gone"));
        return FileTree.TryStatus(Path.Combine(work, "upper", "gone"), follow: false) is { IsWhiteout: true }
            ? $"on {FileSystemName(work)}"
            : throw new AgentException(ErrorKind.FailedPrecondition, "a file deleted from an overlay left no whiteout");
    }

    private static string ProbeDetachedOverlay(string work)
    {
        using Fd? mount = OverlayMounts.TryMountDetached(MakeLayers(work));
        return mount is not null ? "" : throw new AgentException(ErrorKind.FailedPrecondition, "this kernel takes no layers one by one; mount(2) is used");
    }

    private static OverlayLayers MakeLayers(string work)
    {
        string Make(string name) => Directory.CreateDirectory(Path.Combine(work, name)).FullName;
        var layers = new OverlayLayers([Make("lower")], Make("upper"), Make("work"), Volatile: true);
        File.WriteAllText(Path.Combine(layers.Lower[0], "below"), "below");
        File.WriteAllText(Path.Combine(layers.Lower[0], "gone"), "gone");
        return layers;
    }

    private static string ProbeAttributes(string work)
    {
        File.WriteAllText(Path.Combine(work, "file"), "");
        // VFS_CAP_REVISION_2 with no capability at all: valid, and without effect.
        byte[] none = new byte[20];
        none[3] = 2;
        using Fd directory = FileTree.OpenDirectory(work);
        return ExtendedAttributes.TrySet(directory, "file", "security.capability", none)
            ? ""
            : throw new AgentException(ErrorKind.FailedPrecondition, $"{FileSystemName(work)} does not keep them");
    }

    private static string ProbeIdMapping(string work)
    {
        using ClonedChild child = ClonedChild.Start(NamespaceKinds.User);
        ControlFiles.Write($"/proc/{child.Pid}/uid_map", "0 1000000 65536");
        ControlFiles.Write($"/proc/{child.Pid}/gid_map", "0 1000000 65536");
        using Fd users = child.OpenNamespace(NamespaceKinds.User);
        using Fd tree = MountTrees.Clone(work, recursive: false);
        MountTrees.SetIdMapping(tree, users);
        return $"on {FileSystemName(work)}";
    }

    private static string ProbeFuse() =>
        File.Exists("/dev/fuse") ? "" : throw new AgentException(ErrorKind.FailedPrecondition, "there is no /dev/fuse");

    private static string FileSystemName(string path) => MountPoint.Of(path)?.Type ?? "an unknown file system";

    // Gone with the probe, also when it fails; what was mounted in it went with the thread's namespace or is detached first.
    private string InWorkDirectory(Func<string, string> work)
    {
        string parent = root;
        while (!Directory.Exists(parent))
        {
            parent = Path.GetDirectoryName(parent) ?? "/";
        }

        foreach (string abandoned in ProbeTraces.AbandonedIn(parent))
        {
            Remove(abandoned);
        }

        string directory = ProbeTraces.NewIn(parent, hidden: true);
        Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        try
        {
            return work(directory);
        }
        finally
        {
            Remove(directory);
        }
    }

    private static void Remove(string directory)
    {
        _ = Mounts.TryUnmount(Path.Combine(directory, "place"), detach: true);
        Directory.Delete(directory, recursive: true);
    }
}
