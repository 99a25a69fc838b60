namespace PodAgent.Pods.Probes;

/// <summary>What one try of a probe said.</summary>
internal enum ProbeResult
{
    Success,
    Failure,
    /// <summary>Nobody can say: the try itself went wrong and does not count.</summary>
    Unknown,
}

/// <param name="Result">The verdict.</param>
/// <param name="Message">For the event; never the answer's body, which may hold secrets.</param>
internal readonly record struct ProbeAnswer(ProbeResult Result, string Message);
