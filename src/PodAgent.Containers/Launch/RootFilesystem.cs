using PodAgent.Containers.Protocol;
using PodAgent.Containers.Supervision;
using PodAgent.Linux;
using PodAgent.Linux.Files;
using PodAgent.Linux.Mounting;
using PodAgent.Linux.Processes;
using IdRange = PodAgent.Linux.Processes.IdRange;

namespace PodAgent.Containers.Launch;

/// <summary>
/// Builds a container's file tree in the child's own mount namespace and makes it the root.
///
///  1. <see cref="TakeSources"/>: copies of all bind sources, while the host's tree is visible and its propagation intact
///  2. <see cref="AttachRoot"/>: the host's tree becomes private, the detached root is attached
///  3. <see cref="AttachMounts"/>: the mounts, in the order of the specification
///  4. device nodes, terminal (<see cref="DeviceTree"/>)
///  5. <see cref="HidePaths"/>: masked and read-only paths
///  6. <see cref="Pivot"/>: the root becomes read-only if asked, then /; the host's tree is gone; the root gets its propagation
/// </summary>
/// <param name="spec">What to build.</param>
/// <param name="root">The detached root mount.</param>
/// <param name="givenSources">Sources that came as descriptors, by index of the mount.</param>
/// <param name="userNamespace">The pod's user namespace, by which bind mounts with the word "idmap" are mapped.</param>
/// <param name="owners">Its maps; null: the host's users.</param>
internal sealed class RootFilesystem(ContainerSpec spec, Fd root, Fd?[] givenSources, Fd? userNamespace, IdMapping? owners)
{
    // Files of /proc that may be replaced: virtualised numbers (lxcfs), harmless to be wrong.
    private static readonly string[] s_replaceableProcFiles =
    [
        "/proc/cpuinfo", "/proc/diskstats", "/proc/meminfo", "/proc/stat", "/proc/swaps", "/proc/uptime", "/proc/loadavg", "/proc/slabinfo",
        "/proc/net/dev", "/proc/sys/kernel/ns_last_pid", "/proc/sys/crypto/fips_enabled",
    ];

    private readonly Fd?[] _sources = new Fd?[spec.Mounts.Count];
    private readonly List<(string Name, Fd Tree)> _cgroups = [];
    private Fd? _null;

    public RootTree Tree { get; } = new(root, owners);

    public void TakeSources()
    {
        _null = OpenVerifiedNull();
        for (int i = 0; i < spec.Mounts.Count; i++)
        {
            Mount mount = spec.Mounts[i];
            switch (mount.Type)
            {
                case "bind":
                    _sources[i] = givenSources[i] ?? MountTrees.Clone(mount.Source, mount.Options.Contains("rbind"));
                    break;
                case "cgroup":
                    CgroupView.Take(spec.CgroupPaths, _cgroups);
                    break;
            }
        }
    }

    public void AttachRoot(string staging)
    {
        Mounts.Mount(null, "/", null, MountFlags.Recursive | MountFlags.Private);
        MountTrees.Attach(root, staging);
    }

    public void AttachMounts()
    {
        for (int i = 0; i < spec.Mounts.Count; i++)
        {
            Mount mount = spec.Mounts[i];
            try
            {
                Attach(mount, _sources[i]);
            }
            catch (LinuxException refused)
            {
                string what = mount.Type == "bind" ? $"\"{(mount.HasSourceFd ? "volume" : mount.Source)}\"" : mount.Type;
                throw new SandboxFailureException(
                    "mount", mount.Destination, refused.Errno, $"cannot mount {what} at \"{mount.Destination}\": {Explain(mount, refused)}");
            }
        }
    }

    public void HidePaths()
    {
        Fd? empty = null;
        foreach (string path in spec.MaskedPaths)
        {
            using Fd? place = Tree.TryOpen(path);
            if (place is null)
            {
                continue;
            }

            if (FileTree.Status(place).Kind != FileKind.Directory)
            {
                using Fd nothing = MountTrees.Clone(_null!, recursive: false, "/dev/null");
                MountTrees.Attach(nothing, place, path);
            }
            else if (empty is null)
            {
                using var context = new FileSystemContext("tmpfs");
                context.Set("source", "tmpfs");
                context.Set("mode", "0755");
                context.Set("nr_inodes", "2");
                empty = context.CreateMount(MountAttributes.ReadOnly | MountAttributes.NoSuid | MountAttributes.NoDevices | MountAttributes.NoExec);
                MountTrees.Attach(empty, place, path);
            }
            else
            {
                // A detached mount cannot be cloned before Linux 6.15, the attached one can.
                using Fd another = MountTrees.Clone(empty, recursive: false, path);
                MountTrees.Attach(another, place, path);
            }
        }

        empty?.Dispose();
        foreach (string path in spec.ReadonlyPaths)
        {
            using Fd? place = Tree.TryOpen(path);
            if (place is not null)
            {
                using Fd copy = MountTrees.Clone(place, recursive: true, path);
                MountTrees.SetAttributes(copy, MountAttributes.ReadOnly, MountAttributes.None, MountFlags.None, recursive: true, path);
                MountTrees.Attach(copy, place, path);
            }
        }
    }

    public void Pivot()
    {
        if (spec.ReadonlyRootfs)
        {
            MountTrees.SetAttributes(root, MountAttributes.ReadOnly, MountAttributes.None, MountFlags.None, recursive: false, "/");
        }

        // The old root ends up on top of the new one, where "." finds it (pivot_root(2), "pivot_root(".", ".")").
        FileTree.ChangeDirectory(root, "/");
        Mounts.PivotRoot(".", ".");
        Mounts.Unmount(".", detach: true);
        FileTree.ChangeDirectory("/");

        // Only now: pivot_root(2) refuses a shared mount as the place of the old root, and here that is the new root itself.
        MountFlags propagation = MountOptions.ParsePropagation(spec.RootPropagation);
        MountTrees.SetAttributes(root, MountAttributes.None, MountAttributes.None, propagation == MountFlags.None ? MountFlags.Private : propagation);
    }

    private void Attach(Mount mount, Fd? source)
    {
        MountOptions options = MountOptions.Parse(mount.Options);
        bool special = mount.Type is "proc" or "sysfs" || RootTree.Components(mount.Destination) is ["dev"] or ["proc"] or ["sys"];
        bool directory = source is null || FileTree.Status(source).Kind == FileKind.Directory;
        using Fd place = Tree.OpenOrCreate(mount.Destination, directory, links: !special);
        if (special && FileTree.Status(place).Kind != FileKind.Directory)
        {
            throw new LinuxException("mount target", mount.Destination, Errno.ENOTDIR);
        }

        RefuseInsideProc(mount, place, source);
        switch (mount.Type)
        {
            case "bind":
                AttachBind(source!, options, place, mount);
                break;
            case "cgroup":
                CgroupView.Attach(_cgroups, options, place, mount.Destination);
                break;
            default:
                using (Fd created = Create(mount, options))
                {
                    MountTrees.Attach(created, place, mount.Destination);
                }

                break;
        }
    }

    private void AttachBind(Fd source, MountOptions options, Fd place, Mount mount)
    {
        string destination = mount.Destination;
        if (options.IdMapped && userNamespace is not null)
        {
            // Only possible while nobody can see the mount.
            try
            {
                MountTrees.SetIdMapping(source, userNamespace, recursive: options.Recursive, destination);
            }
            catch (LinuxException refused) when (refused.Errno == Errno.EINVAL)
            {
                throw new SandboxFailureException(
                    "mount", destination, refused.Errno,
                    $"cannot mount \"{mount.Source}\" at \"{destination}\": its file system cannot show its files as those of the pod's user namespace");
            }
        }

        MountFlags propagation = options.Propagation == MountFlags.None ? MountFlags.Private : options.Propagation;
        MountTrees.SetAttributes(source, MountAttributes.None, MountAttributes.None, propagation, recursive: true, destination);
        if ((options.Set | options.Clear) != 0)
        {
            MountTrees.SetAttributes(source, options.Set, options.Clear, MountFlags.None, recursive: false, destination);
        }

        if (options.SetRecursively != 0)
        {
            MountTrees.SetAttributes(source, options.SetRecursively, MountAttributes.None, MountFlags.None, recursive: true, destination);
        }

        MountTrees.Attach(source, place, destination);
        if (mount.SourceSubPath.Length > 0)
        {
            AttachPart(source, options, place, mount);
        }
    }

    // A part of a detached mount cannot be cloned before Linux 6.15, one of an attached mount can: the whole is attached first, the part
    // taken from it and put in its place.
    private static void AttachPart(Fd whole, MountOptions options, Fd place, Mount mount)
    {
        using Fd part = new RootTree(whole).TryOpen(mount.SourceSubPath)
            ?? throw new LinuxException("openat2(2)", mount.SourceSubPath, Errno.ENOENT);
        using Fd clone = MountTrees.Clone(part, options.Recursive, mount.SourceSubPath);
        FileTree.ChangeDirectory(whole, mount.Destination);
        Mounts.Unmount(".", detach: true);
        FileTree.ChangeDirectory("/");
        MountTrees.Attach(clone, place, mount.Destination);
    }

    // File systems that this process makes belong to the host's root unless they are told otherwise.
    private IEnumerable<KeyValuePair<string, string?>> Parameters(Mount mount, MountOptions options)
    {
        if (owners is null || mount.Type is not ("tmpfs" or "devpts"))
        {
            return options.Data;
        }

        var data = new Dictionary<string, string?>(options.Data);
        Translate("uid", owners.Users);
        Translate("gid", owners.Groups);
        return data;

        void Translate(string key, IdRange range)
        {
            // A devpts without "uid" gives each terminal to whoever opens it.
            uint inside = 0;
            if (data.TryGetValue(key, out string? given) ? uint.TryParse(given, out inside) : mount.Type == "tmpfs")
            {
                data[key] = range.ToOutside(inside).ToString(System.Globalization.CultureInfo.InvariantCulture);
            }
        }
    }

    private Fd Create(Mount mount, MountOptions options)
    {
        using var context = new FileSystemContext(mount.Type);
        context.Set("source", mount.Source.Length == 0 ? mount.Type : mount.Source);
        foreach ((string key, string? value) in Parameters(mount, options))
        {
            if (value is null)
            {
                context.SetFlag(key);
            }
            else
            {
                context.Set(key, value);
            }
        }

        Fd created = context.CreateMount(options.Set | options.SetRecursively);
        if (owners is not null && mount.Type is ("devpts" or "mqueue"))
        {
            // These have no options for the owner of their root, and of the multiplexer.
            FileTree.SetOwner(created, owners.RootUser, owners.RootGroup);
            if (mount.Type == "devpts")
            {
                FileTree.SetOwner("ptmx", owners.RootUser, owners.RootGroup, created);
            }
        }

        return created;
    }

    // A file of /proc that is not what it seems has misled runtimes into writing elsewhere; ours writes before any of these mounts exist,
    // the workload's own tools do not.
    private static void RefuseInsideProc(Mount mount, Fd place, Fd? source)
    {
        if (FileTree.TypeOf(place) != FileSystemType.Proc)
        {
            return;
        }

        string path = "/" + string.Join('/', RootTree.Components(mount.Destination));
        bool procOverProc = path == "/proc" && (mount.Type == "proc" || (source is not null && FileTree.TypeOf(source) == FileSystemType.Proc));
        if (!procOverProc && !s_replaceableProcFiles.Contains(path))
        {
            throw new SandboxFailureException(
                "mount", mount.Destination, Errno.None, $"cannot mount at \"{mount.Destination}\": it is inside the container's /proc");
        }
    }

    private static Fd OpenVerifiedNull()
    {
        Fd file = FileTree.Open("/dev/null", OpenFlags.Path | OpenFlags.NoFollow);
        FileStatus status = FileTree.Status(file);
        if (status.Kind != FileKind.CharacterDevice || status.RawDevice != DeviceNumber.Make(1, 3))
        {
            file.Dispose();
            throw new SandboxFailureException("open sources", "/dev/null", Errno.None, "the host's /dev/null is not the null device");
        }

        return file;
    }

    private static string Explain(Mount mount, LinuxException refused) => refused.Errno switch
    {
        Errno.ELOOP => $"\"{refused.Subject}\" is, or goes through, a symbolic link, which is not allowed there",
        Errno.EEXIST => $"\"{refused.Subject}\" is a symbolic link that leads nowhere",
        Errno.ENOTDIR when mount.Type == "bind" => $"\"{refused.Subject}\": one of source and target is a directory, the other is not",
        _ => refused.Message,
    };
}
