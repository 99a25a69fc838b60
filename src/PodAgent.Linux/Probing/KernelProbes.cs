using PodAgent.Linux.Files;

namespace PodAgent.Linux.Probing;

/// <summary>The kernel itself.</summary>
public static class KernelProbes
{
    private static readonly Version s_oldest = new(5, 12);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Probe> All { get; } =
    [
        new Probe("Kernel", "release", ProbeNeed.Required, () => Judge(ControlFiles.Read("/proc/sys/kernel/osrelease").Trim()))
        {
            Privileged = false,
            Cost = "mounts and processes of pods cannot be made",
            Remedy = "Linux 5.12 or later",
        },
    ];

    /// <summary>The release, if it is new enough.</summary>
    /// <exception cref="AgentException">It is not.</exception>
    internal static string Judge(string release)
    {
        // "6.1.0-28-cloud-amd64"
        string[] numbers = release.Split('.', '-', '+');
        return numbers.Length > 1 && int.TryParse(numbers[0], out int major) && int.TryParse(numbers[1], out int minor) && new Version(major, minor) < s_oldest
            ? throw new AgentException(ErrorKind.FailedPrecondition, $"{release} is older than {s_oldest}")
            : release;
    }
}
