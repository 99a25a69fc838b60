namespace PodAgent.Cri.Ports;

/// <summary>Capabilities, seccomp and AppArmor in the form that the supervisor wants.</summary>
public interface ISecurityProfiles
{
    /// <summary>A compiled filter for pause.</summary>
    byte[] PauseSeccomp { get; }

    /// <summary>Capability bits of a container: the default set with additions and drops, or all of them.</summary>
    ulong Capabilities(bool privileged, IReadOnlyList<string> add, IReadOnlyList<string> drop);

    /// <summary>Capability bits of names.</summary>
    ulong Parse(IReadOnlyList<string> names);

    /// <summary>The runtime's own filter for a process with these capabilities.</summary>
    byte[] RuntimeDefaultSeccomp(ulong capabilities);

    /// <summary>Compiles a profile file's JSON.</summary>
    byte[] CompileSeccomp(string profileJson, ulong capabilities);

    /// <summary>Throws unless AppArmor is there and knows the profile.</summary>
    void RequireAppArmor(string profile);
}
