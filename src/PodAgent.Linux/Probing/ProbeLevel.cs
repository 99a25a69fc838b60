namespace PodAgent.Linux.Probing;

/// <summary>What a probe found.</summary>
public enum ProbeLevel
{
    /// <summary>It is there and works.</summary>
    Ok,

    /// <summary>It is not there, and nothing that people usually run needs it.</summary>
    Absent,

    /// <summary>It could not be tried, for lack of rights or because something else is missing.</summary>
    Skipped,

    /// <summary>It is not there, or too small: pods run, but with the cost that is told.</summary>
    Warning,

    /// <summary>It is not there, and no pod can run, or be kept apart from its node, without it.</summary>
    Missing,
}
