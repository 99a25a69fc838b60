using PodAgent.Linux.Files;
using PodAgent.Linux.Mounting;
using PodAgent.Linux.Processes;
using PodAgent.Linux.Systemd;

namespace PodAgent.Linux.Probing;

/// <summary>Which cgroup controllers there are, of which version, and whether a cgroup with them can be made (cgroups(7)).</summary>
/// <param name="mounts">The mount table.</param>
/// <param name="root">Where cgroups are mounted.</param>
public sealed class CgroupProbes(IReadOnlyList<MountPoint> mounts, string root = "/sys/fs/cgroup")
{
    private const string Area = "Cgroups";

    private static readonly (string V1, string V2, ProbeNeed Need, string Cost)[] s_controllers =
    [
        ("cpu", "cpu", ProbeNeed.Required, "CPU requests and limits have no effect"),
        ("memory", "memory", ProbeNeed.Required, "memory limits have no effect"),
        ("pids", "pids", ProbeNeed.Required, "one pod may take all processes of the machine"),
        ("devices", "", ProbeNeed.Required, "containers may use every device of the node"),
        ("cpuset", "cpuset", ProbeNeed.Useful, "containers cannot be bound to processors"),
        ("cpuacct", "", ProbeNeed.Useful, "processor time of pods is not counted"),
        ("freezer", "", ProbeNeed.Useful, "processes of a pod cannot be stopped all at once"),
        ("blkio", "io", ProbeNeed.Useful, "reads and writes of pods are not counted or limited"),
        ("hugetlb", "hugetlb", ProbeNeed.Optional, "hugepages limits are refused"),
    ];

    /// <summary>All of them.</summary>
    public IReadOnlyList<Probe> All
    {
        get
        {
            MountPoint? unified = mounts.LastOrDefault(mount => mount.Path == root && mount.Type == "cgroup2");
            return
            [
                new Probe(Area, "version", ProbeNeed.Required, () => Version(unified))
                {
                    Privileged = false,
                    Cost = "pods cannot be limited, counted or killed as a whole",
                    Remedy = $"mount -t cgroup2 cgroup2 {root}",
                },
                .. s_controllers.Where(controller => unified is null || controller.V2.Length > 0).Select(controller => Controller(controller, unified)),
                .. unified is null ? Beside() : Unified(),
                new Probe(Area, "systemd", ProbeNeed.Useful, ProbeSystemd)
                {
                    Cost = "the cgroup driver systemd, the default on this machine, cannot be used: the agent does not start with it",
                    Remedy = "apt-get install libsystemd0, /run/systemd/private or the system bus where the agent runs, or cgroupDriver: cgroupfs",
                },
            ];
        }
    }

    /// <summary>Removes the groups of probes whose process was killed meanwhile.</summary>
    public void RemoveAbandoned()
    {
        foreach (string group in mounts.Where(static mount => mount.Type is "cgroup" or "cgroup2").SelectMany(static mount => ProbeTraces.AbandonedIn(mount.Path)))
        {
            try
            {
                // With a child that has not ended yet it is there for the next one to find.
                _ = ControlFiles.TryRemoveDirectory(group);
            }
            catch (LinuxException)
            {
                // Where groups cannot be removed none can be made either, and that is what the probes tell.
            }
        }
    }

    private static Probe Controller((string V1, string V2, ProbeNeed Need, string Cost) controller, MountPoint? unified) => unified is null
        ? new Probe(Area, controller.V1, controller.Need, () => ProbeV1(controller.V1))
        {
            Cost = controller.Cost,
            Remedy = $"mount -t cgroup -o {controller.V1} cgroup /sys/fs/cgroup/{controller.V1}, or boot with cgroup v2 (systemd.unified_cgroup_hierarchy=1)",
        }
        : new Probe(Area, controller.V2, controller.Need, () => ProbeV2(unified.Path, controller.V2))
        {
            Cost = controller.Cost,
            Remedy = controller.V2 == "memory"
                ? "boot without cgroup_disable=memory (Raspberry Pi: with cgroup_enable=memory)"
                : $"a kernel with the {controller.V2} controller, not taken by a v1 hierarchy",
        };

    private IEnumerable<Probe> Unified() =>
    [
        new Probe(Area, "swap accounting", ProbeNeed.Optional, () => InGroup(root, group => RequireFile(group, "memory.swap.max")))
        {
            Cost = "swap of pods is neither counted nor limited",
            Remedy = "boot with swapaccount=1",
        },
        new Probe(Area, "cgroup.kill", ProbeNeed.Optional, () => InGroup(root, group => RequireFile(group, "cgroup.kill")))
        {
            Cost = "ending a pod takes a signal to each of its processes",
            Remedy = "Linux 5.14 or later",
        },
        new Probe(Area, "clone into cgroup", ProbeNeed.Useful, () => InGroup(root, ProbeCloneInto))
        {
            Cost = "processes move into their cgroup after their start, which takes a lock of the whole machine",
            Remedy = "Linux 5.7 or later",
        },
        new Probe(Area, "pressure", ProbeNeed.Optional, () => InGroup(root, group => RequireFile(group, "memory.pressure")))
        {
            Cost = "stats of pods have no pressure stall information",
            Remedy = "boot with psi=1",
        },
    ];

    // A v2 hierarchy without controllers beside the v1 ones, as systemd's hybrid mode mounts it.
    private IEnumerable<Probe> Beside()
    {
        yield return new Probe(Area, "swap accounting", ProbeNeed.Optional, () => InGroup(Place("memory"), group => RequireFile(group, "memory.memsw.limit_in_bytes")))
        {
            Cost = "swap of pods is neither counted nor limited",
            Remedy = "boot with swapaccount=1",
        };
        if (mounts.LastOrDefault(mount => mount.Type == "cgroup2") is { } hybrid)
        {
            yield return new Probe(Area, "cgroup.kill", ProbeNeed.Optional, () => InGroup(hybrid.Path, group => RequireFile(group, "cgroup.kill")));
        }
    }

    // Its manager is asked over the connection that pods' slices and scopes are made through.
    private static string ProbeSystemd()
    {
        if (!SystemdPresence.IsRunning)
        {
            throw new ProbeSkippedException("is not process 1 of this machine");
        }

        using var manager = new SystemdUnits();
        return $"{manager.Version()} answers";
    }

    private string Version(MountPoint? unified)
    {
        if (unified is not null)
        {
            return "2";
        }

        if (!mounts.Any(mount => mount.Type == "cgroup" && mount.Path.StartsWith(root + "/", StringComparison.Ordinal)))
        {
            throw new AgentException(ErrorKind.FailedPrecondition, $"no hierarchy is mounted at {root}");
        }

        return mounts.Any(mount => mount.Type == "cgroup2") ? "1 (hybrid: a version 2 hierarchy without controllers beside it)" : "1";
    }

    private string Place(string controller) =>
        mounts.LastOrDefault(mount => mount.Type == "cgroup" && mount.SuperOptions.Contains(controller))?.Path
        ?? throw new AgentException(ErrorKind.FailedPrecondition, ControlFiles.TryRead("/proc/cgroups")?.Contains($"\n{controller}\t", StringComparison.Ordinal) == true
            ? "the kernel has it, but it is not mounted"
            : "the kernel does not have it");

    private static string ProbeV1(string controller)
    {
        string place = new CgroupProbes(MountPoint.List()).Place(controller);
        return InGroup(place, _ => place);
    }

    private static string ProbeV2(string root, string controller)
    {
        string available = ControlFiles.Read(root + "/cgroup.controllers");
        if (!available.Split(' ', '\n').Contains(controller))
        {
            throw new AgentException(ErrorKind.FailedPrecondition, $"not among the controllers of {root}: {available.Trim()}");
        }

        string handedDown = ControlFiles.Read(root + "/cgroup.subtree_control");
        return handedDown.Split(' ', '\n').Contains(controller) ? "" : "available; the agent enables it";
    }

    private static string ProbeCloneInto(string group)
    {
        using Fd directory = FileTree.Open(group, OpenFlags.ReadOnly | OpenFlags.Directory);
        using ClonedChild child = ClonedChild.Start(NamespaceKinds.None, directory);
        return "";
    }

    private static string RequireFile(string group, string name) =>
        File.Exists(Path.Combine(group, name)) ? "" : throw new AgentException(ErrorKind.FailedPrecondition, $"there is no {name}");

    private static string InGroup(string parent, Func<string, string> work)
    {
        string group = ProbeTraces.NewIn(parent);
        Directory.CreateDirectory(group);
        try
        {
            return work(group);
        }
        finally
        {
            // A child that has been reaped no longer counts.
            if (ControlFiles.TryRemoveDirectory(group) is var errno and not Errno.None)
            {
                throw new LinuxException("rmdir(2)", group, errno);
            }
        }
    }
}
