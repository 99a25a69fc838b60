namespace PodAgent.Cri.Ports;

/// <summary>The control groups of the machine, by paths relative to their root (<c>podagent/burstable/pod1/c2</c>).</summary>
public interface ICgroups
{
    /// <summary>1 or 2.</summary>
    int Version { get; }

    /// <summary>Names a group; it need not exist.</summary>
    ICgroup Open(string path);

    /// <summary>Names of the groups directly below a group; empty when it does not exist.</summary>
    IReadOnlyList<string> Children(string path);
}
