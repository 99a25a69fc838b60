using System.Threading.Channels;
using PodAgent.Api.Cri;
using PodAgent.Cri.Containers;
using PodAgent.Cri.Sandboxes;
using PodAgent.Cri.Stores;
using PodAgent.Linux;

namespace PodAgent.Cri.Events;

/// <summary>
/// GetContainerEvents: every change of a sandbox's or container's state as it happens, with the whole pod's state, so that a client need
/// not ask again. A client that does not keep up is told so and lists anew.
/// </summary>
internal sealed class EventPublisher(CriContext runtime) : IRecordObserver<SandboxRecord>, IRecordObserver<ContainerRecord>
{
    private const int BufferedPerClient = 1000;

    private readonly Lock _gate = new();
    private Channel<ContainerEventResponse>[] _clients = [];
    private bool _completed;

    /// <summary>Hands events to <paramref name="write"/> until the client leaves.</summary>
    public async Task StreamAsync(Func<ContainerEventResponse, Task> write, CancellationToken cancellationToken)
    {
        var client = Channel.CreateBounded<ContainerEventResponse>(new BoundedChannelOptions(BufferedPerClient) { SingleReader = true });
        lock (_gate)
        {
            if (_completed)
            {
                return;
            }

            _clients = [.. _clients, client];
        }

        try
        {
            await foreach (ContainerEventResponse message in client.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                await write(message).ConfigureAwait(false);
            }
        }
        finally
        {
            Drop(client);
        }
    }

    /// <summary>Ends all streams.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            _completed = true;
            foreach (Channel<ContainerEventResponse> client in _clients)
            {
                client.Writer.TryComplete();
            }
        }
    }

    /// <inheritdoc/>
    public void Changed(SandboxRecord? before, SandboxRecord? after)
    {
        switch (before, after)
        {
            case (null, { } made):
                Publish(made.Id, ContainerEventType.ContainerCreatedEvent, made.Id);
                Publish(made.Id, ContainerEventType.ContainerStartedEvent, made.Id);
                break;
            case ({ } gone, null):
                Publish(gone.Id, ContainerEventType.ContainerDeletedEvent, gone.Id);
                break;
            case ({ } was, { } now) when was.State != now.State:
                Publish(now.Id, ContainerEventType.ContainerStoppedEvent, now.Id, now);
                break;
        }
    }

    /// <inheritdoc/>
    public void Changed(ContainerRecord? before, ContainerRecord? after)
    {
        switch (before, after)
        {
            case (null, { } made):
                Publish(made.Id, ContainerEventType.ContainerCreatedEvent, made.SandboxId);
                break;
            case ({ } gone, null):
                Publish(gone.Id, ContainerEventType.ContainerDeletedEvent, gone.SandboxId);
                break;
            case ({ } was, { } now):
                // The end can be known before the start was answered; clients then hear of both.
                if (was.StartedAt == 0 && now.StartedAt != 0)
                {
                    Publish(now.Id, ContainerEventType.ContainerStartedEvent, now.SandboxId);
                }

                if (was.FinishedAt == 0 && now.FinishedAt != 0)
                {
                    Publish(now.Id, ContainerEventType.ContainerStoppedEvent, now.SandboxId);
                }

                break;
        }
    }

    private void Publish(string id, ContainerEventType type, string sandboxId, SandboxRecord? sandbox = null)
    {
        Channel<ContainerEventResponse>[] clients = Volatile.Read(ref _clients);
        if (clients.Length == 0)
        {
            return;
        }

        var message = new ContainerEventResponse
        {
            ContainerId = id,
            ContainerEventType = type,
            CreatedAt = runtime.Time.Nanoseconds(),
        };
        if ((sandbox ?? runtime.Sandboxes.Find(sandboxId)?.Record) is { } record)
        {
            message.PodSandboxStatus = SandboxView.ToStatus(record);
            message.ContainersStatuses.Add(ContainerView.ToStatuses(runtime.Containers.Of(sandboxId)));
        }

        foreach (Channel<ContainerEventResponse> client in clients)
        {
            if (!client.Writer.TryWrite(message))
            {
                client.Writer.TryComplete(new AgentException(
                    ErrorKind.ResourceExhausted, $"more than {BufferedPerClient} events wait for this client; list and subscribe again"));
            }
        }
    }

    private void Drop(Channel<ContainerEventResponse> client)
    {
        lock (_gate)
        {
            _clients = [.. _clients.Where(other => other != client)];
        }
    }
}
