using PodAgent.Linux.Native;

namespace PodAgent.Linux.Probing;

/// <summary>Whether the machine knows what time it is.</summary>
public static unsafe class ClockProbes
{
    private const string Area = "Clock";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Probe> All { get; } =
    [
        new Probe(Area, "synchronised", ProbeNeed.Useful, ProbeSynchronisation)
        {
            Privileged = false,
            Cost = "if it drifts, certificates of registries are refused and logs of nodes do not fit together",
            Remedy = "run chrony or systemd-timesyncd; in a virtual machine or container, on the host",
        },
    ];

    private static string ProbeSynchronisation()
    {
        timex state = default;
        int result = Libc.Check(Libc.adjtimex(&state), "adjtimex(2)");
        return result == TimeConstants.TIME_ERROR || (state.status & TimeConstants.STA_UNSYNC) != 0
            ? throw new AgentException(ErrorKind.FailedPrecondition, "the kernel's clock is not synchronised")
            : $"within {state.maxerror / 1000} ms";
    }
}
