namespace PodAgent.Containers.Specs;

/// <summary>What a container's security context says about capabilities.</summary>
public sealed record CapabilityRequest
{
    /// <summary>Every capability, whatever the lists say.</summary>
    public bool Privileged { get; init; }

    /// <summary>Names to add, or <c>ALL</c>.</summary>
    public IReadOnlyList<string> Add { get; init; } = [];

    /// <summary>Names to drop, or <c>ALL</c>.</summary>
    public IReadOnlyList<string> Drop { get; init; } = [];

    /// <summary>Names that a program without file capabilities keeps even when it does not run as root.</summary>
    public IReadOnlyList<string> AddAmbient { get; init; } = [];
}
