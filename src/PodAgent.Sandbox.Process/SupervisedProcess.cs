using PodAgent.Containers.Protocol;
using PodAgent.Linux;

namespace PodAgent.Sandbox.Process;

/// <summary>A container's main process, or an exec, from its launch until it is forgotten.</summary>
/// <remarks>
/// <code>
///  starting ---set-up failed---> (removed)
///     | execve succeeded
///  running
///     | reaped: exit record, then ExitEvent
///  ended ------Forget----------> (removed)
/// </code>
/// </remarks>
internal sealed class SupervisedProcess(string id, string containerId, IReadOnlyList<string> cgroups)
{
    public string Id { get; } = id;

    /// <summary>For an exec: the container it runs in; empty for a container.</summary>
    public string ContainerId { get; } = containerId;

    public bool IsExec => ContainerId.Length > 0;

    public IReadOnlyList<string> Cgroups { get; } = cgroups;

    public int Pid { get; set; }

    public Fd? PidFd { get; set; }

    /// <summary>Null once it has started or failed.</summary>
    public PendingLaunch? Launch { get; set; }

    /// <summary>Null for an exec, whose streams are its caller's.</summary>
    public ContainerStreams? Streams { get; init; }

    public OomWatch? Oom { get; set; }

    /// <summary>Kills in its cgroup before it started.</summary>
    public ulong OomKillsBefore { get; set; }

    /// <summary>Unix nanoseconds; 0: not yet.</summary>
    public long StartedAt { get; set; }

    public long FinishedAt { get; set; }

    public int ExitCode { get; set; }

    public int Signal { get; set; }

    public bool OomKilled { get; set; }

    public bool HasEnded => FinishedAt != 0;

    public ProcessState ToState() => new()
    {
        Id = Id,
        ContainerId = ContainerId,
        Pid = Pid,
        StartedAt = StartedAt,
        FinishedAt = FinishedAt,
        ExitCode = ExitCode,
        Signal = Signal,
        OomKilled = OomKilled,
    };

    public void Close()
    {
        Streams?.Close();
        Oom?.Dispose();
        PidFd?.Dispose();
    }
}
