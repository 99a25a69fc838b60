using PodAgent.Linux;
using PodAgent.Linux.Files;
using PodAgent.Linux.Processes;

namespace PodAgent.Containers.Cgroups.V2;

/// <summary>A cgroup on version 2 (the kernel's admin-guide/cgroup-v2).</summary>
internal class V2Cgroup : Cgroup
{
    // What a container may need; others stay as they are.
    private static readonly string[] s_wanted = ["cpu", "cpuset", "io", "memory", "pids", "hugetlb"];

    private readonly string _root;
    private readonly ControllerDirectory _directory;

    public V2Cgroup(string name, string root, TimeSpan removalTimeout, TimeProvider time)
        : base(name, removalTimeout, time)
    {
        _root = root;
        _directory = new ControllerDirectory($"{root}/{name}", name);
        Paths = [_directory.Path];
    }

    public override IReadOnlyList<string> Paths { get; }

    public override bool HasProcesses =>
        ControlFiles.TryRead(_directory.File("cgroup.events"))?.Split('\n').Contains("populated 1") ?? false;

    public override ulong OomKills => MemoryController.ReadOomKills(_directory);

    public static IReadOnlyList<string> ReadControllers(string directory) =>
        (ControlFiles.TryRead(directory + "/cgroup.controllers") ?? "").Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);

    public override Cgroup CreateSubgroup(string name)
    {
        var child = new V2Cgroup(CgroupPath.Child(Name, name), _root, RemovalTimeout, Time);
        _ = FileTree.TryMakeDirectory(child._directory.Path, 0x1ED /* 0755 */);
        return child;
    }

    public override void Kill()
    {
        LinuxException? failure = ControlFiles.TryWrite(_directory.File("cgroup.kill"), "1");
        if (failure is null)
        {
            return;
        }

        // EOPNOTSUPP: the cgroup is threaded.
        if (failure.Errno != Errno.ENOENT && failure.Errno != Errno.ENODEV && failure.Errno != Errno.EOPNOTSUPP)
        {
            throw failure;
        }

        if (!Directory.Exists(_directory.Path))
        {
            return;
        }

        // Before Linux 5.14: frozen, it cannot fork, and SIGKILL ends frozen processes on version 2.
        bool frozen = _directory.Has("cgroup.freeze") && FreezerController.TryFreeze(_directory, TimeSpan.FromMilliseconds(50), Time);
        try
        {
            PidfdSet.Kill(Processes(), IsMember).Dispose();
        }
        finally
        {
            if (frozen)
            {
                _ = _directory.TryWrite("cgroup.freeze", "0", Errno.ENOENT, Errno.ENODEV);
            }
        }
    }

    public override void Remove()
    {
        long start = Time.GetTimestamp();
        while (ControlFiles.TryRemoveDirectory(_directory.Path) != Errno.None)
        {
            Kill();
            TimeSpan left = RemovalTimeout - Time.GetElapsedTime(start);
            if (left <= TimeSpan.Zero || !CgroupEvents.WaitFor(_directory, "populated 0", left, Time))
            {
                throw StillInUse();
            }

            bool gone = true;
            foreach (string directory in Tree(_directory.Path))
            {
                gone &= ControlFiles.TryRemoveDirectory(directory) == Errno.None;
            }

            if (!gone)
            {
                // Somebody made or filled a cgroup below in the meantime; nothing announces when he stops.
                ControlFiles.LetPass(TimeSpan.FromMilliseconds(1));
            }
        }
    }

    public override IReadOnlyList<int> Processes()
    {
        var found = new SortedSet<int>();
        foreach (string directory in Tree(_directory.Path))
        {
            ReadProcesses(directory, found);
        }

        return [.. found];
    }

    public override CgroupStats ReadStats()
    {
        if (!Exists)
        {
            throw NotFound();
        }

        return new CgroupStats(
            CpuController.Read(_directory),
            MemoryController.Read(_directory),
            PidsController.Read(_directory),
            IoController.Read(_directory),
            PressureFile.Read(_directory));
    }

    public override void Freeze()
    {
        if (!FreezerController.TryFreeze(_directory, RemovalTimeout, Time))
        {
            FreezerController.Thaw(_directory);
            throw new AgentException(ErrorKind.Unavailable, $"cannot freeze cgroup \"{Name}\": a process does not stop");
        }
    }

    public override void Thaw() => FreezerController.Thaw(_directory);

    private protected override void Limit(CgroupResources resources)
    {
        CgroupResourcesValidation.Validate(resources, Name);
        HashSet<string> available = [.. ReadControllers(_directory.Path)];
        Apply("cpu", "cpu limits", resources.CpuShares is > 0 || resources.CpuQuota is not (null or 0) || resources.CpuPeriod is > 0 || resources.CpuBurst is not null, CpuController.Apply);
        Apply("cpuset", "cpus and memory nodes", !string.IsNullOrEmpty(resources.CpusetCpus) || !string.IsNullOrEmpty(resources.CpusetMems), CpusetController.Apply);
        Apply(
            "memory",
            "memory limits",
            resources.MemoryLimit is not (null or 0) || resources.MemorySwapLimit is not (null or 0) || resources.MemoryReservation is not (null or 0)
                || (resources.MemoryOomGroup is not null && available.Contains("memory")),
            MemoryController.Apply);
        Apply("pids", "the pids limit", resources.PidsLimit is not (null or 0), PidsController.Apply);
        Apply("io", "io limits", resources.IoWeight is > 0 || resources.IoLimits.Count > 0, IoController.Apply);

        // A limit of nothing is kept by a machine that has no huge pages of that size, with or without the controller.
        bool hugepages = resources.HugepageLimits.Values.Any(limit => limit > 0) || (resources.HugepageLimits.Count > 0 && available.Contains("hugetlb"));
        Apply("hugetlb", "huge page limits", hugepages, HugetlbController.Apply);
        DevicesController.Apply(_directory, resources);
        foreach ((string file, string value) in resources.Unified)
        {
            string controller = file[..file.IndexOf('.')];
            Apply(controller, file, true, (directory, _) => directory.Write(file, value));
        }

        void Apply(string controller, string what, bool asked, Action<ControllerDirectory, CgroupResources> apply)
        {
            if (asked)
            {
                apply(available.Contains(controller) ? _directory : throw Unavailable(controller, what), resources);
            }
        }
    }

    /// <summary>
    /// 1. Each missing level is made, from the outermost.
    /// 2. Before the next level: its controllers are enabled in the one above. That is refused where processes live (no internal processes).
    /// 3. The new cgroup must be able to hold processes and controllers, which a threaded ancestor prevents.
    /// </summary>
    private protected override void Make(List<string> made)
    {
        var parent = new ControllerDirectory(_root, "/");
        foreach (string level in CgroupPath.Levels(Name))
        {
            EnableControllers(parent);
            var child = new ControllerDirectory($"{_root}/{level}", level);
            if (FileTree.TryMakeDirectory(child.Path, 0x1ED /* 0755 */))
            {
                made.Add(child.Path);
            }

            parent = child;
        }

        RefuseThreaded();
    }

    private static void EnableControllers(ControllerDirectory parent)
    {
        string[] enabled = (parent.TryRead("cgroup.subtree_control") ?? "").Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        string[] missing = [.. ReadControllers(parent.Path).Where(c => s_wanted.Contains(c) && !enabled.Contains(c))];
        if (missing.Length == 0)
        {
            return;
        }

        // All or nothing per write. When one is refused (cpu while realtime tasks run, for one), the others are still wanted. Whether the
        // refused one is needed shows when a limit asks for it, which is also where the reason is found out.
        // EOPNOTSUPP: the cgroup is threaded.
        Errno[] tolerated = [Errno.EBUSY, Errno.EINVAL, Errno.ENOENT, Errno.EPERM, Errno.EOPNOTSUPP];
        LinuxException? refused = parent.TryWrite("cgroup.subtree_control", string.Join(' ', missing.Select(c => "+" + c)), tolerated);

        // EBUSY: processes live there. By themselves cpu, cpuset and pids would be taken, and would make the cgroup the root of a threaded
        // subtree, in which no child can be used.
        if (refused is null || refused.Errno == Errno.EBUSY)
        {
            return;
        }

        foreach (string controller in missing)
        {
            _ = parent.TryWrite("cgroup.subtree_control", "+" + controller, tolerated);
        }
    }

    // Which ancestor withholds the controller, and why.
    private AgentException Unavailable(string controller, string what)
    {
        if (!ReadControllers(_root).Contains(controller))
        {
            return _directory.Missing(controller, what);
        }

        var parent = new ControllerDirectory(_root, "/");
        foreach (string level in CgroupPath.Levels(Name))
        {
            var child = new ControllerDirectory($"{_root}/{level}", level);
            if (!ReadControllers(child.Path).Contains(controller))
            {
                var inside = new SortedSet<int>();
                ReadProcesses(parent.Path, inside);
                string cause = inside.Count > 0
                    ? $"processes {string.Join(", ", inside.Take(10))} live in it, and cgroup v2 allows them only in leaves"
                    : "the kernel refuses to enable it in cgroup.subtree_control";
                return new AgentException(
                    ErrorKind.FailedPrecondition,
                    $"cannot set {what} of cgroup \"{Name}\": the {controller} controller is not available below \"{parent.Cgroup}\": {cause}");
            }

            parent = child;
        }

        return _directory.Missing(controller, what);
    }

    private void RefuseThreaded()
    {
        string? type = _directory.TryRead("cgroup.type")?.Trim();
        if (type is null or "domain")
        {
            return;
        }

        string parent = CgroupPath.Levels(Name).SkipLast(1).LastOrDefault() ?? "/";
        throw new AgentException(
            ErrorKind.FailedPrecondition,
            $"cannot use cgroup \"{Name}\": its type is \"{type}\" because \"{parent}\" is part of a threaded subtree");
    }

    private bool IsMember(int pid) => Processes().Contains(pid);
}
