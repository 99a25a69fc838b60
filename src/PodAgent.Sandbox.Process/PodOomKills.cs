using PodAgent.Linux;
using PodAgent.Linux.Files;

namespace PodAgent.Sandbox.Process;

/// <summary>
/// Kills in the whole pod. A container's own count goes with its cgroup, which systemd removes as soon as the last process in it has ended, perhaps
/// before anybody could read it; on v2 the pod's cgroup has counted the kill as well, and stays.
/// </summary>
internal sealed class PodOomKills : IDisposable
{
    private readonly Fd _counts;
    private ulong _told;

    private PodOomKills(Fd counts)
    {
        _counts = counts;
        _ = OomCounts.TryRead(counts, out _told);
    }

    /// <summary>Looks at the cgroup above a container's; null where there is no such count.</summary>
    public static PodOomKills? TryOpen(IReadOnlyList<string> containerCgroups) =>
        containerCgroups is [{ } only] && FileTree.TryOpen($"{Path.GetDirectoryName(only)}/memory.events", OpenFlags.ReadOnly) is { } events
            ? new PodOomKills(events)
            : null;

    /// <summary>A container has told these kills.</summary>
    public void Told(ulong kills) => _told += kills;

    /// <summary>Kills that no container has told, once all that can have done so.</summary>
    public ulong TakeUntold()
    {
        if (!OomCounts.TryRead(_counts, out ulong all) || all <= _told)
        {
            return 0;
        }

        ulong untold = all - _told;
        _told = all;
        return untold;
    }

    public void Dispose() => _counts.Dispose();
}
