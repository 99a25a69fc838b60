using PodAgent.Linux;
using PodAgent.Linux.Files;

namespace PodAgent.Containers.Cgroups.V1;

/// <summary>freezer: freezer.state.</summary>
internal static class FreezerController
{
    /// <summary>
    /// Freezes; false when some task does not stand still within the time. The v1 freezer announces nothing, and a task that is in the
    /// middle of a fork or a page fault may need to be asked again, so the state is written and read in turn.
    /// </summary>
    public static bool TryFreeze(ControllerDirectory directory, TimeSpan timeout, TimeProvider time)
    {
        long start = time.GetTimestamp();
        var pause = TimeSpan.FromMilliseconds(1);
        while (true)
        {
            directory.Write("freezer.state", "FROZEN");
            switch (directory.TryRead("freezer.state")?.Trim())
            {
                case "FROZEN":
                    return true;
                case null:
                    return false;
            }

            if (time.GetElapsedTime(start) >= timeout)
            {
                return false;
            }

            ControlFiles.LetPass(pause);
            pause = TimeSpan.FromMilliseconds(Math.Min(50, pause.TotalMilliseconds * 2));
        }
    }

    public static void Thaw(ControllerDirectory directory) => directory.Write("freezer.state", "THAWED");
}
