using PodAgent.Cri.Stores;
using PodAgent.Linux;
using PodAgent.Streaming.PortForwarding;

namespace PodAgent.Cri.Streams;

/// <summary>The ports of one running pod, on its own network or the node's.</summary>
internal sealed class SandboxPorts : IPortConnector
{
    private readonly CriContext _runtime;
    private readonly SandboxEntry _entry;

    /// <exception cref="AgentException">NotFound; FailedPrecondition: it is not running.</exception>
    public SandboxPorts(CriContext runtime, string sandboxId)
    {
        _runtime = runtime;
        _entry = runtime.Sandboxes.Get(sandboxId);
        if (_entry.Supervision is not { } supervision || _entry.Record.StoppedAt != 0)
        {
            throw new AgentException(ErrorKind.FailedPrecondition, $"cannot forward ports of pod \"{_entry.Record.PodName}\": its sandbox is not running");
        }

        Ended = supervision.Supervisor.Closed;
    }

    /// <summary>Completes when the pod's sandbox is gone.</summary>
    public Task Ended { get; }

    public async Task<IPortConnection> ConnectAsync(int port, CancellationToken cancellationToken)
    {
        try
        {
            return await _runtime.Ports.PodPorts.ConnectAsync(_entry.Record.PausePid, port, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException failure)
        {
            throw new IOException(
                $"error forwarding port {port} to pod {_entry.Record.Id}, uid {_entry.Record.Config.Metadata.Uid}: "
                + $"failed to connect to localhost:{port} inside the pod's network namespace, {failure.Message}", failure);
        }
    }
}
