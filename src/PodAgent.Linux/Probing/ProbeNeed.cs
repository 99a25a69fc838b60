namespace PodAgent.Linux.Probing;

/// <summary>How much depends on what a probe looks for.</summary>
public enum ProbeNeed
{
    /// <summary>Every pod.</summary>
    Required,

    /// <summary>Something that pods may ask for, or that makes them faster or safer.</summary>
    Useful,

    /// <summary>Something few ask for.</summary>
    Optional,
}
