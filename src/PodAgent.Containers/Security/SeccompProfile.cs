using PodAgent.Linux;
using PodAgent.Linux.Seccomp;

namespace PodAgent.Containers.Security;

/// <summary>What system calls a process may make, before it is compiled for one machine and one set of capabilities.</summary>
public sealed record SeccompProfile
{
    /// <summary>The answer to every call that no rule names.</summary>
    public required SeccompAction DefaultAction { get; init; }

    /// <summary>The rules; their order does not matter.</summary>
    public required IReadOnlyList<SeccompRule> Rules { get; init; }

    /// <summary>The architectures whose calls are let in to be judged; null: the machine's own and those that it runs as well.</summary>
    public IReadOnlyList<SeccompArchitecture>? Architectures { get; init; }

    /// <summary>All capabilities that a condition of a rule names: two processes that differ in others get the same filter.</summary>
    public CapabilitySet RelevantCapabilities
    {
        get
        {
            CapabilitySet relevant = CapabilitySet.None;
            foreach (SeccompRule rule in Rules)
            {
                relevant = relevant | rule.IncludedCapabilities | rule.ExcludedCapabilities;
            }

            return relevant;
        }
    }
}
