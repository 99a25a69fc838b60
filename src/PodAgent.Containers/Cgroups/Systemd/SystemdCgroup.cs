using PodAgent.Containers.Cgroups.V2;
using PodAgent.Linux;
using PodAgent.Linux.Systemd;

namespace PodAgent.Containers.Cgroups.Systemd;

/// <summary>
/// A cgroup that is a unit of systemd: a slice for a pod, a scope for what runs in it. Its directory is used as that of any other; systemd is
/// told what it is and what limits it has.
/// <code>
/// podagent.slice/podagent-burstable.slice/podagent-burstable-podUID.slice/podagent-ID.scope
/// </code>
/// A slice is made by systemd. A scope is made here, with its limits, because a process has to be born into it (CLONE_INTO_CGROUP) and systemd
/// knows no scope without processes; with its first process it is handed over, as systemd takes a directory that is there. From then on it is
/// delegated: what is below belongs to the agent. When its last process ends systemd removes it, unit and directory.
/// </summary>
internal sealed class SystemdCgroup : V2Cgroup
{
    private const string ScopeSuffix = ".scope";
    private readonly string _root;
    private readonly IUnits _units;

    public SystemdCgroup(string name, string root, IUnits units, TimeSpan removalTimeout, TimeProvider time)
        : base(name, root, removalTimeout, time)
    {
        _root = root;
        _units = units;
    }

    public override bool IsUnit => true;

    private string Unit => Name[(Name.LastIndexOf('/') + 1)..];

    private bool IsSlice => SliceName.Ends(Name);

    /// <summary>Whether a cgroup of this path is a unit.</summary>
    public static bool Names(string name) => SliceName.Ends(name) || name.EndsWith(ScopeSuffix, StringComparison.Ordinal);

    public override void Create(CgroupResources? resources = null)
    {
        if (!IsSlice)
        {
            base.Create(resources);
            return;
        }

        IReadOnlyList<UnitProperty> limits = resources is null ? [] : Checked(resources);
        foreach (string level in CgroupPath.Levels(Name).SkipLast(1).Where(level => !Directory.Exists($"{_root}/{level}")))
        {
            // By itself systemd would make it too, but of the kind that a shutdown begins with, together with all that is in it.
            _ = _units.StartTransientUnit(Path.GetFileName(level), Common());
        }

        bool started = _units.StartTransientUnit(Unit, [UnitProperty.Text("Description", $"pod {Unit}"), .. Common(), .. limits]);
        if (!started && limits.Count > 0)
        {
            // As the parent of another one, or left from an earlier attempt.
            _units.SetUnitProperties(Unit, limits);
        }

        try
        {
            base.Create(resources);
        }
        catch
        {
            if (started)
            {
                _units.StopUnit(Unit);
            }

            throw;
        }
    }

    public override void Register(int process, CgroupResources? resources)
    {
        string slice = Path.GetFileName(Path.GetDirectoryName(Name)) ?? "";
        UnitProperty[] properties =
        [
            UnitProperty.Text("Description", $"container {Unit}"),
            UnitProperty.Text("Slice", slice),
            UnitProperty.Switch("Delegate", true),
            UnitProperty.Numbers("PIDs", (uint)process),
            // The manager's default is a share of the machine's; a pod without a limit has none.
            UnitProperty.Number("TasksMax", UnitProperty.Infinity),
            .. Common(),
            .. resources is null ? [] : Checked(resources),
        ];
        if (_units.StartTransientUnit(Unit, properties))
        {
            Settle(resources);
            return;
        }

        // Known from an earlier agent; or it failed in a way that kept the name.
        if (_units.ActiveState(Unit) is "active" or "activating" or "reloading")
        {
            return;
        }

        _units.ResetFailedUnit(Unit);
        if (!_units.StartTransientUnit(Unit, properties))
        {
            throw new AgentException(ErrorKind.AlreadyExists, $"systemd has a unit \"{Unit}\" already, which is \"{_units.ActiveState(Unit)}\"");
        }

        Settle(resources);
    }

    public override void Update(CgroupResources resources)
    {
        IReadOnlyList<UnitProperty> limits = Checked(resources);
        if (limits.Count > 0)
        {
            // A scope that has not been started has no unit yet; it is told all of it then.
            _ = _units.SetUnitProperties(Unit, limits);
        }

        // What has no property, and the exact value of what systemd rounds.
        base.Update(resources);
    }

    public override void Remove()
    {
        // systemd would ask first and wait for long.
        if (Exists)
        {
            Kill();
        }

        if (_units.StopUnit(Unit))
        {
            _units.ResetFailedUnit(Unit);
        }

        base.Remove();
    }

    private void Settle(CgroupResources? resources)
    {
        if (!HasProcesses)
        {
            // Of a process that had ended but was not reaped yet systemd would wait for the end in vain.
            _ = _units.StopUnit(Unit);
        }
        else if (resources is not null)
        {
            // systemd has written its own idea of them, in which quotas are rounded.
            base.Update(resources with { Devices = null });
        }
    }

    private static UnitProperty[] Common() =>
    [
        // Neither is ended at the beginning of a shutdown: pods end after the agent.
        UnitProperty.Switch("DefaultDependencies", false),
        UnitProperty.Switch("CPUAccounting", true),
        UnitProperty.Switch("MemoryAccounting", true),
        UnitProperty.Switch("IOAccounting", true),
        UnitProperty.Switch("TasksAccounting", true),
        // A failed one, as after an out-of-memory kill, is forgotten like others.
        UnitProperty.Text("CollectMode", "inactive-or-failed"),
    ];

    private IReadOnlyList<UnitProperty> Checked(CgroupResources resources)
    {
        CgroupResourcesValidation.Validate(resources, Name);
        return UnitLimits.Of(resources, Linux.Files.ControlFiles.TryRead($"{_root}/{Name}/cpu.max"));
    }
}
