using PodAgent.Containers.Cgroups.Systemd;
using PodAgent.Containers.Cgroups.V1;
using PodAgent.Containers.Cgroups.V2;
using PodAgent.Linux;
using PodAgent.Linux.Files;
using PodAgent.Linux.Systemd;

namespace PodAgent.Containers.Cgroups;

/// <summary>
/// The machine's control groups (cgroups(7)). Three arrangements exist:
/// <code>
/// unified   /sys/fs/cgroup is cgroup v2                                             Version 2
/// legacy    /sys/fs/cgroup/&lt;controller&gt; are v1 hierarchies                          Version 1
/// hybrid    as legacy, and /sys/fs/cgroup/unified is a v2 hierarchy without          Version 1
///           controllers; it limits nothing, so processes do not join it
/// </code>
/// Nothing is written outside of cgroups made here, except the enabling of controllers in the ancestors of a v2 cgroup.
/// </summary>
public sealed class CgroupHost
{
    private readonly TimeProvider _time;
    private readonly string? _unified;
    private readonly IReadOnlyList<V1Hierarchy> _hierarchies;

    private CgroupHost(string? unified, IReadOnlyList<V1Hierarchy> hierarchies, bool hybrid, string parent, TimeProvider? time)
    {
        _unified = unified;
        _hierarchies = hierarchies;
        Hybrid = hybrid;
        Parent = CgroupPath.Normalize(parent);
        _time = time ?? TimeProvider.System;
    }

    /// <summary>1 or 2.</summary>
    public int Version => _unified is null ? 1 : 2;

    /// <summary>Version 1 next to a version 2 hierarchy without controllers.</summary>
    public bool Hybrid { get; }

    /// <summary>The cgroup below which this agent keeps its own, relative to every hierarchy's mount point; agents side by side have different ones.</summary>
    public string Parent { get; }

    /// <summary>How long <see cref="Cgroup.Remove"/> waits for killed processes to end.</summary>
    public TimeSpan RemovalTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The service manager that slices and scopes are made through, on version 2; null: a cgroup's name has no meaning. Not disposed of here.
    /// </summary>
    public IUnits? Units { get; init; }

    /// <summary>The controllers that can be used on this machine.</summary>
    public IReadOnlyList<string> Controllers => _unified is null
        ? [.. _hierarchies.SelectMany(h => h.Controllers)]
        : V2Cgroup.ReadControllers(_unified);

    /// <summary>Finds out how cgroups are mounted.</summary>
    /// <param name="sysFsCgroup">The directory to look at and below; may itself be a v2 hierarchy.</param>
    /// <param name="parent">See <see cref="Parent"/>.</param>
    /// <param name="mountInfo">The mount table to read.</param>
    /// <param name="time">The clock; null: the machine's.</param>
    /// <param name="units">See <see cref="Units"/>.</param>
    /// <exception cref="AgentException">No hierarchy is mounted there.</exception>
    public static CgroupHost Detect(
        string sysFsCgroup = "/sys/fs/cgroup", string parent = "podagent", string mountInfo = "/proc/self/mountinfo", TimeProvider? time = null, IUnits? units = null)
    {
        string root = sysFsCgroup.Length > 1 ? sysFsCgroup.TrimEnd('/') : sysFsCgroup;
        IReadOnlyList<CgroupMount> mounts = CgroupMount.Parse(ControlFiles.Read(mountInfo), root);
        if (mounts.Any(m => m.Unified && m.MountPoint == root))
        {
            return ForUnified(root, parent, time, units);
        }

        V1Hierarchy[] hierarchies = [.. mounts.Where(m => m.Controllers.Count > 0).Select(m => new V1Hierarchy(m.MountPoint, m.Controllers))];
        if (hierarchies.Length == 0)
        {
            throw new AgentException(ErrorKind.FailedPrecondition, $"cannot use cgroups: no hierarchy is mounted at \"{root}\"");
        }

        return new CgroupHost(null, hierarchies, mounts.Any(m => m.Unified), parent, time);
    }

    /// <summary>cgroup v2 with its root at a given directory.</summary>
    public static CgroupHost ForUnified(string root, string parent = "podagent", TimeProvider? time = null, IUnits? units = null) =>
        new(root.TrimEnd('/'), [], hybrid: false, parent, time) { Units = units };

    /// <summary>cgroup v1 with the given mount points, each with its controllers.</summary>
    public static CgroupHost ForLegacy(IReadOnlyDictionary<string, IReadOnlyList<string>> controllersByMountPoint, string parent = "podagent", TimeProvider? time = null) =>
        new(null, [.. controllersByMountPoint.Select(m => new V1Hierarchy(m.Key.TrimEnd('/'), m.Value))], hybrid: false, parent, time);

    /// <summary>A cgroup by its path below every mount point; nothing is made yet. Usually below <see cref="Parent"/>; a CRI client may name another.</summary>
    /// <exception cref="AgentException">The path is empty, leaves its hierarchy or uses a reserved name.</exception>
    public Cgroup Open(string relativePath)
    {
        string path = CgroupPath.Normalize(relativePath);
        if (_unified is null)
        {
            return new V1Cgroup(path, _hierarchies, RemovalTimeout, _time);
        }

        return Units is not null && SystemdCgroup.Names(path)
            ? new SystemdCgroup(path, _unified, Units, RemovalTimeout, _time)
            : new V2Cgroup(path, _unified, RemovalTimeout, _time);
    }

    /// <summary>The names of the cgroups directly below one; empty when it does not exist.</summary>
    /// <exception cref="AgentException">The path is empty, leaves its hierarchy or uses a reserved name.</exception>
    public IReadOnlyList<string> Children(string relativePath)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string path in Open(relativePath).Paths)
        {
            try
            {
                names.UnionWith(Directory.EnumerateDirectories(path).Select(d => Path.GetFileName(d)));
            }
            catch (DirectoryNotFoundException)
            {
                // Not in this hierarchy, or gone.
            }
        }

        return [.. names];
    }
}
