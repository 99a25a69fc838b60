namespace PodAgent.Containers.Cgroups.V2;

/// <summary>The freezer is part of every v2 cgroup: cgroup.freeze, announced by cgroup.events.</summary>
internal static class FreezerController
{
    public static bool TryFreeze(ControllerDirectory directory, TimeSpan timeout, TimeProvider time)
    {
        directory.Write("cgroup.freeze", "1");
        return CgroupEvents.WaitFor(directory, "frozen 1", timeout, time);
    }

    public static void Thaw(ControllerDirectory directory) => directory.Write("cgroup.freeze", "0");
}
