using System.Globalization;
using PodAgent.Containers.Cgroups;
using PodAgent.Containers.Protocol;
using PodAgent.Linux;
using PodAgent.Linux.Files;

namespace PodAgent.Containers.Specs;

/// <summary>
/// What every container gets unless its configuration says otherwise: file systems, device nodes, hidden paths, access to devices (OCI
/// runtime specification, config-linux; the path lists are the kubelet's).
/// </summary>
public static class DefaultSpec
{
    /// <summary>Size of a pod's /dev/shm, in bytes.</summary>
    public const long ShmSize = 64 * 1024 * 1024;

    private static readonly Lazy<IReadOnlyList<string>> s_maskedPaths = new(() => MaskedPathsFor("/sys/devices/system/cpu"));

    /// <summary>Paths that a container sees as empty.</summary>
    public static IReadOnlyList<string> MaskedPaths => s_maskedPaths.Value;

    /// <summary>Paths that a container cannot write.</summary>
    public static IReadOnlyList<string> ReadonlyPaths { get; } = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

    /// <summary>
    /// The mounts, in the order in which they have to be made. A container's own mount of the same destination replaces one.
    /// </summary>
    public static IReadOnlyList<Mount> Mounts(DefaultMountOptions options)
    {
        string sys = options.Privileged ? "rw" : "ro";
        var mounts = new List<Mount>
        {
            Mount("proc", "/proc", "nosuid", "noexec", "nodev"),
            Mount("tmpfs", "/dev", "nosuid", "strictatime", "mode=755", "size=65536k"),
            Mount("devpts", "/dev/pts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"),
            options.HostIpc
                ? Bind("/dev/mqueue", "/dev/mqueue", "rbind", "rprivate", "nosuid", "noexec", "nodev")
                : Mount("mqueue", "/dev/mqueue", "nosuid", "noexec", "nodev"),
            Mount("sysfs", "/sys", "nosuid", "noexec", "nodev", sys),
            Mount("cgroup", "/sys/fs/cgroup", "nosuid", "noexec", "nodev", "relatime", sys),
        };
        string? shm = options.HostIpc ? "/dev/shm" : options.ShmDirectory;
        mounts.Add(shm is null
            ? Mount("tmpfs", "/dev/shm", "nosuid", "noexec", "nodev", "mode=1777", string.Create(CultureInfo.InvariantCulture, $"size={ShmSize}"))
            : Bind(shm, "/dev/shm", "rbind", "rprivate", "nosuid", "noexec", "nodev"));
        return mounts;
    }

    /// <summary>The device nodes of /dev.</summary>
    public static IReadOnlyList<Device> Devices() =>
    [
        Character("/dev/null", 1, 3),
        Character("/dev/zero", 1, 5),
        Character("/dev/full", 1, 7),
        Character("/dev/random", 1, 8),
        Character("/dev/urandom", 1, 9),
        Character("/dev/tty", 5, 0),
    ];

    /// <summary>
    /// Access to devices for the container's cgroup: nodes may be made of any device, but used only of the standard ones, of pseudo
    /// terminals and of those given. A privileged container may use all.
    /// </summary>
    /// <param name="devices">Further devices of the container with the access allowed (<c>rwm</c>).</param>
    /// <param name="privileged">Allow everything.</param>
    public static DeviceRule[] DeviceRules(IEnumerable<(Device Device, string Access)> devices, bool privileged) => privileged
        ? [DeviceRule.AllowAll]
        :
        [
            DeviceRule.DenyAll,
            new(true, 'c', null, null, "m"),
            new(true, 'b', null, null, "m"),
            .. Devices().Select(d => new DeviceRule(true, 'c', d.Major, d.Minor, "rwm")),
            new(true, 'c', 5, 1, "rwm"),     // /dev/console
            new(true, 'c', 5, 2, "rwm"),     // /dev/ptmx
            new(true, 'c', 136, null, "rwm"), // /dev/pts/*
            .. devices.Where(d => d.Device.Type is "c" or "b").Select(d => new DeviceRule(true, d.Device.Type[0], d.Device.Major, d.Device.Minor, d.Access)),
        ];

    /// <summary>The masked paths for a directory of CPUs; of thermal counters only those that the machine has.</summary>
    internal static IReadOnlyList<string> MaskedPathsFor(string cpuDirectory)
    {
        List<string> paths =
        [
            "/proc/asound", "/proc/acpi", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
            "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap",
        ];
        foreach (int cpu in CpuList.Parse(ControlFiles.TryRead(cpuDirectory + "/present")?.Trim() ?? ""))
        {
            // Each masked path is a mount per container, so one that does not exist (virtual machines) is not worth its place.
            string counters = string.Create(CultureInfo.InvariantCulture, $"cpu{cpu}/thermal_throttle");
            if (Directory.Exists($"{cpuDirectory}/{counters}"))
            {
                paths.Add($"/sys/devices/system/cpu/{counters}");
            }
        }

        return paths;
    }

    private static Mount Mount(string type, string destination, params string[] options) =>
        new() { Type = type, Source = type, Destination = destination, Options = { options } };

    private static Mount Bind(string source, string destination, params string[] options) =>
        new() { Type = "bind", Source = source, Destination = destination, Options = { options } };

    private static Device Character(string path, long major, long minor)
    {
        const uint ReadWriteForAll = 0x1B6;
        return new Device { Path = path, Type = "c", Major = major, Minor = minor, Mode = ReadWriteForAll };
    }
}
