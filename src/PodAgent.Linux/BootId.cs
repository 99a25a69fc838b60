namespace PodAgent.Linux;

/// <summary>What the kernel calls the time from its start to the machine's going down (random(4)).</summary>
public static class BootId
{
    /// <summary>The present one.</summary>
    public static string Current { get; } = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
}
