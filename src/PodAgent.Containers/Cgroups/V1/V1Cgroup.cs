using System.Globalization;
using PodAgent.Linux;
using PodAgent.Linux.Files;
using PodAgent.Linux.Processes;

namespace PodAgent.Containers.Cgroups.V1;

/// <summary>A cgroup on version 1: the same relative path in every hierarchy that has controllers (the kernel's admin-guide/cgroup-v1).</summary>
internal sealed class V1Cgroup : Cgroup
{
    private static readonly TimeSpan s_freezeBeforeKill = TimeSpan.FromMilliseconds(50);

    private readonly IReadOnlyList<V1Hierarchy> _hierarchies;

    public V1Cgroup(string name, IReadOnlyList<V1Hierarchy> hierarchies, TimeSpan removalTimeout, TimeProvider time)
        : base(name, removalTimeout, time)
    {
        _hierarchies = hierarchies;
        Paths = [.. hierarchies.Select(h => $"{h.MountPoint}/{name}")];
    }

    public override IReadOnlyList<string> Paths { get; }

    public override bool HasProcesses => Processes().Count > 0;

    public override ulong OomKills => Find("memory") is { } memory ? MemoryController.ReadOomKills(memory) : 0;

    public override Cgroup CreateSubgroup(string name)
    {
        var child = new V1Cgroup(CgroupPath.Child(Name, name), _hierarchies, RemovalTimeout, Time);
        child.Create();
        return child;
    }

    // Version 1 has no call that kills a cgroup. A frozen one cannot fork, so that the list of processes is complete; SIGKILL reaches
    // frozen tasks when they thaw. Where the freezer is missing or too slow, Remove comes back for what was forked meanwhile.
    public override void Kill()
    {
        KillListed().Dispose();
    }

    public override void Remove()
    {
        long start = Time.GetTimestamp();
        var pause = TimeSpan.FromMilliseconds(1);
        while (true)
        {
            bool gone = true;
            foreach (string path in Paths)
            {
                gone &= TryRemoveTree(path);
            }

            if (gone)
            {
                return;
            }

            TimeSpan left = RemovalTimeout - Time.GetElapsedTime(start);
            if (left <= TimeSpan.Zero)
            {
                throw StillInUse();
            }

            using PidfdSet killed = KillListed();
            if (killed.Count > 0)
            {
                _ = killed.WaitAll(left, Time);
            }
            else
            {
                // No process is listed and the directory is busy all the same: the last one has ended but has not left yet, which
                // version 1 does not announce.
                ControlFiles.LetPass(pause);
                pause = TimeSpan.FromMilliseconds(Math.Min(20, pause.TotalMilliseconds * 2));
            }
        }
    }

    public override IReadOnlyList<int> Processes()
    {
        var found = new SortedSet<int>();
        foreach (string path in Paths)
        {
            foreach (string directory in Tree(path))
            {
                ReadProcesses(directory, found);
            }
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
            CpuController.Read(Find("cpu"), Find("cpuacct")),
            Find("memory") is { } memory ? MemoryController.Read(memory) : null,
            Find("pids") is { } pids ? PidsController.Read(pids) : null,
            Find("blkio") is { } blkio ? BlkioController.Read(blkio) : [],
            null);
    }

    public override void Freeze()
    {
        ControllerDirectory freezer = Find("freezer") ?? throw new ControllerDirectory("", Name).Missing("freezer", "the freezer state");
        if (!FreezerController.TryFreeze(freezer, RemovalTimeout, Time))
        {
            FreezerController.Thaw(freezer);
            throw new AgentException(ErrorKind.Unavailable, $"cannot freeze cgroup \"{Name}\": a process does not stop");
        }
    }

    public override void Thaw() =>
        FreezerController.Thaw(Find("freezer") ?? throw new ControllerDirectory("", Name).Missing("freezer", "the freezer state"));

    private static bool IsSet(long? value) => value is not (null or 0);

    private static bool IsSet(ulong? value) => value is > 0;

    private static bool TryRemoveTree(string path)
    {
        if (ControlFiles.TryRemoveDirectory(path) == Errno.None)
        {
            return true;
        }

        // Busy: cgroups below, or processes.
        bool gone = true;
        foreach (string directory in Tree(path))
        {
            gone &= ControlFiles.TryRemoveDirectory(directory) == Errno.None;
        }

        return gone;
    }

    private ControllerDirectory? Find(string controller)
    {
        for (int i = 0; i < _hierarchies.Count; i++)
        {
            if (_hierarchies[i].Controllers.Contains(controller))
            {
                return new ControllerDirectory(Paths[i], Name);
            }
        }

        return null;
    }

    private protected override void Limit(CgroupResources resources)
    {
        CgroupResourcesValidation.Validate(resources, Name);
        if (resources.Unified.Count > 0)
        {
            throw new AgentException(ErrorKind.FailedPrecondition, $"cannot set {resources.Unified.Keys.First()} of cgroup \"{Name}\": this machine uses cgroup v1");
        }

        Apply("cpu", "cpu limits", IsSet(resources.CpuShares) || IsSet(resources.CpuQuota) || IsSet(resources.CpuPeriod) || resources.CpuBurst is not null, CpuController.Apply);
        Apply("cpuset", "cpus and memory nodes", !string.IsNullOrEmpty(resources.CpusetCpus) || !string.IsNullOrEmpty(resources.CpusetMems), CpusetController.Apply);
        Apply("memory", "memory limits", IsSet(resources.MemoryLimit) || IsSet(resources.MemorySwapLimit) || IsSet(resources.MemoryReservation), MemoryController.Apply);
        Apply("pids", "the pids limit", IsSet(resources.PidsLimit), PidsController.Apply);
        Apply("blkio", "io limits", resources.IoWeight is > 0 || resources.IoLimits.Count > 0, BlkioController.Apply);
        Apply("devices", "device rules", resources.Devices is not null, DevicesController.Apply);

        // A limit of nothing is kept by a machine that has no huge pages of that size, with or without the controller.
        bool hugepages = resources.HugepageLimits.Values.Any(limit => limit > 0) || (resources.HugepageLimits.Count > 0 && Find("hugetlb") is not null);
        Apply("hugetlb", "huge page limits", hugepages, HugetlbController.Apply);

        void Apply(string controller, string what, bool asked, Action<ControllerDirectory, CgroupResources> apply)
        {
            if (asked)
            {
                apply(Find(controller) ?? throw new ControllerDirectory("", Name).Missing(controller, what), resources);
            }
        }
    }

    private protected override void Make(List<string> made)
    {
        foreach (V1Hierarchy hierarchy in _hierarchies)
        {
            MakeDirectory(hierarchy, Name, made);
        }
    }

    // From the inside out: almost always only the last level is missing.
    private static void MakeDirectory(V1Hierarchy hierarchy, string level, List<string> made)
    {
        var child = new ControllerDirectory($"{hierarchy.MountPoint}/{level}", level);
        bool isNew = FileTree.TryMakeDirectory(child.Path, 0x1ED /* 0755 */, out Errno errno);
        if (!isNew && errno == Errno.ENOENT && level.LastIndexOf('/') is > 0 and int end)
        {
            MakeDirectory(hierarchy, level[..end], made);
            isNew = FileTree.TryMakeDirectory(child.Path, 0x1ED, out errno);
        }

        if (isNew)
        {
            made.Add(child.Path);
        }
        else if (errno != Errno.EEXIST)
        {
            throw new LinuxException("mkdir(2)", child.Path, errno);
        }

        if (hierarchy.Controllers.Contains("cpuset"))
        {
            CpusetController.Inherit(hierarchy.MountPoint, level);
        }
    }

    private PidfdSet KillListed()
    {
        List<ControllerDirectory> freezers = Find("freezer") is { } top && Directory.Exists(top.Path)
            ? [.. Tree(top.Path).Select(p => new ControllerDirectory(p, Name))]
            : [];
        try
        {
            if (freezers.Count > 0)
            {
                _ = FreezerController.TryFreeze(freezers[^1], s_freezeBeforeKill, Time);
            }

            return PidfdSet.Kill(Processes(), IsMember);
        }
        finally
        {
            // Each level: one that was frozen on its own would keep its killed tasks.
            foreach (ControllerDirectory freezer in freezers)
            {
                _ = freezer.TryWrite("freezer.state", "THAWED", Errno.ENOENT, Errno.ENODEV);
            }
        }
    }

    // Between the reading of the list and the opening of the descriptor a number may have gone to a process outside.
    private bool IsMember(int pid)
    {
        string? memberships = ControlFiles.TryRead(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/cgroup"));
        return memberships is not null && memberships.Split('\n').Any(line =>
        {
            string path = line[(line.IndexOf(':', line.IndexOf(':') + 1) + 1)..];
            return path.EndsWith("/" + Name, StringComparison.Ordinal) || path.Contains($"/{Name}/", StringComparison.Ordinal);
        });
    }
}
