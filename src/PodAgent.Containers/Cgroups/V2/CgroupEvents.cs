using PodAgent.Linux;
using PodAgent.Linux.Files;

namespace PodAgent.Containers.Cgroups.V2;

/// <summary>Waits for a state that cgroup.events announces, without asking again and again.</summary>
internal static class CgroupEvents
{
    /// <summary>True when the line is there, or the cgroup is gone; false when the time is over.</summary>
    public static bool WaitFor(ControllerDirectory directory, string line, TimeSpan timeout, TimeProvider time)
    {
        string path = directory.File("cgroup.events");
        using Fd? events = ControlFiles.TryOpenForReading(path);
        if (events is null)
        {
            return true;
        }

        long start = time.GetTimestamp();
        while (true)
        {
            // Reading arms the notification, so a change between the reading and the waiting is not lost.
            string? text = ControlFiles.TryReread(events, path);
            if (text is null || text.Split('\n').Contains(line))
            {
                return true;
            }

            TimeSpan left = timeout - time.GetElapsedTime(start);
            if (left <= TimeSpan.Zero)
            {
                return false;
            }

            _ = ControlFiles.WaitForChange(events, left);
        }
    }
}
