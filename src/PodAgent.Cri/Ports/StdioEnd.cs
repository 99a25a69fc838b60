using PodAgent.Linux;

namespace PodAgent.Cri.Ports;

/// <summary>A pipe: the end that goes to the process, and the agent's.</summary>
/// <param name="Process">To be closed here as soon as it is handed over.</param>
/// <param name="Agent">Asynchronous; reading 0 bytes is the end.</param>
public sealed record StdioEnd(Fd Process, Stream Agent) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Process.Dispose();
        Agent.Dispose();
    }
}
