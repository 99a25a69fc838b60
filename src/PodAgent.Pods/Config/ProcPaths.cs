namespace PodAgent.Pods.Config;

/// <summary>What procMount Default hides and protects. A runtime applies only what it is told.</summary>
internal static class ProcPaths
{
    public static IReadOnlyList<string> Masked { get; } =
    [
        "/proc/asound",
        "/proc/acpi",
        "/proc/interrupts",
        "/proc/kcore",
        "/proc/keys",
        "/proc/latency_stats",
        "/proc/timer_list",
        "/proc/timer_stats",
        "/proc/sched_debug",
        "/proc/scsi",
        "/sys/firmware",
        "/sys/devices/virtual/powercap",
        .. ThermalThrottle(),
    ];

    public static IReadOnlyList<string> ReadOnly { get; } = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

    // Only where present: each masked path costs a mount in every container.
    private static IEnumerable<string> ThermalThrottle()
    {
        for (int cpu = 0; Directory.Exists($"/sys/devices/system/cpu/cpu{cpu}"); cpu++)
        {
            string path = $"/sys/devices/system/cpu/cpu{cpu}/thermal_throttle";
            if (Directory.Exists(path))
            {
                yield return path;
            }
        }
    }
}
