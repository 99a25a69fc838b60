namespace PodAgent.Containers.Cgroups;

/// <summary>pids: pids.max, the same in both versions.</summary>
internal static class PidsController
{
    // PID_MAX_LIMIT: a larger number cannot be reached, and the kernel refuses it (EINVAL).
    private const long LargestLimit = 4 * 1024 * 1024;

    public static void Apply(ControllerDirectory directory, CgroupResources resources)
    {
        if (resources.PidsLimit is { } limit && limit != 0)
        {
            directory.Write("pids.max", limit is < 0 or > LargestLimit ? "max" : $"{limit}");
        }
    }

    public static PidsStats? Read(ControllerDirectory directory) =>
        directory.TryReadNumber("pids.current") is { } current ? new PidsStats(current, directory.TryReadNumber("pids.max")) : null;
}
