using PodAgent.Linux;
using PodAgent.Linux.Seccomp;

namespace PodAgent.Containers.Security;

/// <summary>Some system calls and what happens to them, possibly only under conditions.</summary>
public sealed record SeccompRule
{
    /// <summary>Names of system calls.</summary>
    public required IReadOnlyList<string> Syscalls { get; init; }

    /// <summary>What happens.</summary>
    public required SeccompAction Action { get; init; }

    /// <summary>Conditions on arguments; all must hold. Conditions on the same argument are alternatives (OCI runtime specification).</summary>
    public IReadOnlyList<SeccompComparison> Arguments { get; init; } = [];

    /// <summary>The rule is only there for a process that has all of these.</summary>
    public CapabilitySet IncludedCapabilities { get; init; }

    /// <summary>The rule is not there for a process that has one of these.</summary>
    public CapabilitySet ExcludedCapabilities { get; init; }

    /// <summary>The rule is only there on these architectures (Go names: <c>amd64</c>, <c>arm64</c>); empty: on all.</summary>
    public IReadOnlyList<string> IncludedArchitectures { get; init; } = [];

    /// <summary>The rule is not there on these architectures.</summary>
    public IReadOnlyList<string> ExcludedArchitectures { get; init; } = [];

    /// <summary>The rule is only there from this kernel on.</summary>
    public Version? MinimumKernel { get; init; }

    /// <summary>The rule is not there from this kernel on.</summary>
    public Version? ExcludedFromKernel { get; init; }

    /// <summary>Whether the rule is there for a process with these capabilities on this kind of machine.</summary>
    public bool Applies(CapabilitySet capabilities, string architecture, Version kernel) =>
        (capabilities & IncludedCapabilities) == IncludedCapabilities
        && (capabilities & ExcludedCapabilities) == CapabilitySet.None
        && (IncludedArchitectures.Count == 0 || IncludedArchitectures.Contains(architecture))
        && !ExcludedArchitectures.Contains(architecture)
        && (MinimumKernel is null || kernel >= MinimumKernel)
        && (ExcludedFromKernel is null || kernel < ExcludedFromKernel);
}
