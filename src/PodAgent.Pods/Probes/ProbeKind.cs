namespace PodAgent.Pods.Probes;

/// <summary>What a probe decides about.</summary>
internal enum ProbeKind
{
    Startup,
    Readiness,
    Liveness,
}
