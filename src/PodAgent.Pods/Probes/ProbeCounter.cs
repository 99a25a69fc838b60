namespace PodAgent.Pods.Probes;

/// <summary>
/// Counts a probe's answers and says when they amount to a verdict: thresholds of successive equal answers. Readiness starts as failed,
/// liveness as passed, startup as undecided. An answer that is no answer changes nothing.
/// </summary>
internal sealed class ProbeCounter
{
    private readonly int _successThreshold;
    private readonly int _failureThreshold;
    private ProbeResult _last = ProbeResult.Unknown;
    private int _run;

    /// <param name="kind">What the probe decides about.</param>
    /// <param name="probe">Its thresholds.</param>
    /// <param name="passed">The container had passed this probe under an agent before: that stands until the probe says otherwise.</param>
    public ProbeCounter(ProbeKind kind, Core.Probe probe, bool passed = false)
    {
        _successThreshold = probe.HasSuccessThreshold && probe.SuccessThreshold > 0 ? probe.SuccessThreshold : 1;
        _failureThreshold = probe.HasFailureThreshold && probe.FailureThreshold > 0 ? probe.FailureThreshold : 3;
        Verdict = kind switch
        {
            _ when passed => ProbeResult.Success,
            ProbeKind.Readiness => ProbeResult.Failure,
            ProbeKind.Liveness => ProbeResult.Success,
            _ => ProbeResult.Unknown,
        };
    }

    public ProbeResult Verdict { get; private set; }

    /// <returns>Whether the verdict has changed.</returns>
    public bool Add(ProbeResult answer)
    {
        if (answer == ProbeResult.Unknown)
        {
            return false;
        }

        _run = answer == _last ? _run + 1 : 1;
        _last = answer;
        if (_run < (answer == ProbeResult.Success ? _successThreshold : _failureThreshold) || Verdict == answer)
        {
            return false;
        }

        Verdict = answer;
        return true;
    }
}
