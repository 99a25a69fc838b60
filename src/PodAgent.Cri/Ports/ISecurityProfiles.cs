using PodAgent.Containers.Protocol;
using PodAgent.Containers.Specs;

namespace PodAgent.Cri.Ports;

/// <summary>What this agent can hand on to containers, and filters and profiles in the form that the supervisor wants.</summary>
public interface ISecurityProfiles
{
    /// <summary>A compiled filter for pause.</summary>
    byte[] PauseSeccomp { get; }

    /// <summary>Whether pods can have user namespaces here, with their files mapped.</summary>
    bool UserNamespaces { get; }

    /// <summary>Capabilities of a container, as far as the agent has them itself.</summary>
    Capabilities Resolve(CapabilityRequest request);

    /// <summary>The nearest OOM score that the agent may set.</summary>
    int ClampOomScore(long requested);

    /// <summary>The runtime's own filter for a process with these capabilities.</summary>
    byte[] RuntimeDefaultSeccomp(ulong capabilities);

    /// <summary>Compiles a profile file; what cannot be read is an error, never no filter.</summary>
    byte[] CompileSeccomp(string path, ulong capabilities);

    /// <summary>Throws unless AppArmor is there and knows the profile.</summary>
    void RequireAppArmor(string profile);
}
