using PodAgent.Linux;

namespace PodAgent.Cri.Ports;

/// <summary>A pseudo-terminal.</summary>
/// <param name="Process">The follower, to be closed here as soon as it is handed over.</param>
/// <param name="Agent">The leader, for both directions; reading 0 bytes means that nobody holds the follower any more.</param>
/// <param name="Resize">Sets columns and rows.</param>
public sealed record TerminalEnd(Fd Process, Stream Agent, Action<uint, uint> Resize) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Process.Dispose();
        Agent.Dispose();
    }
}
