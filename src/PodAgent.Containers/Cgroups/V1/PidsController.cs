namespace PodAgent.Containers.Cgroups.V1;

/// <summary>pids: pids.max.</summary>
internal static class PidsController
{
    public static void Apply(ControllerDirectory directory, CgroupResources resources)
    {
        if (resources.PidsLimit is { } limit && limit != 0)
        {
            directory.Write("pids.max", limit < 0 ? "max" : $"{limit}");
        }
    }

    public static PidsStats? Read(ControllerDirectory directory) =>
        directory.TryReadNumber("pids.current") is { } current ? new PidsStats(current, directory.TryReadNumber("pids.max")) : null;
}
