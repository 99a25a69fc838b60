using System.Collections.Immutable;
using Grpc.Core;
using Grpc.Health.V1;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace PodAgent.Rpc.Server;

/// <summary>
/// The service <c>grpc.health.v1.Health</c>. The server as a whole is the service with the empty name; it serves from the start.
/// </summary>
public sealed class HealthService : Health.HealthBase
{
    private readonly Lock _lock = new();
    private ImmutableDictionary<string, ServingStatus> _states =
        ImmutableDictionary.Create<string, ServingStatus>(StringComparer.Ordinal).Add("", ServingStatus.Serving);

    private TaskCompletionSource _changed = NewSignal();
    private bool _shutDown;

    /// <summary>Sets the state of a service; ignored after <see cref="Shutdown"/>.</summary>
    /// <param name="service">The full name of the service, empty for the server as a whole.</param>
    /// <param name="status">Its state.</param>
    public void SetStatus(string service, ServingStatus status)
    {
        ArgumentNullException.ThrowIfNull(service);
        Change(states => _shutDown ? states : states.SetItem(service, status));
    }

    /// <summary>Forgets a service.</summary>
    public void ClearStatus(string service)
    {
        ArgumentNullException.ThrowIfNull(service);
        Change(states => _shutDown ? states : states.Remove(service));
    }

    /// <summary>Says NOT_SERVING for everything from now on, so that clients go elsewhere before the server stops.</summary>
    public void Shutdown() => Change(states =>
    {
        _shutDown = true;
        return states.SetItems(states.Keys.Select(service => KeyValuePair.Create(service, ServingStatus.NotServing)));
    });

    /// <inheritdoc/>
    public override Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Volatile.Read(ref _states).TryGetValue(request.Service, out ServingStatus status)
            ? Task.FromResult(new HealthCheckResponse { Status = status })
            : throw new RpcException(new Status(StatusCode.NotFound, $"service \"{request.Service}\" is not known here"));
    }

    /// <inheritdoc/>
    public override Task<HealthListResponse> List(HealthListRequest request, ServerCallContext context)
    {
        var response = new HealthListResponse();
        foreach ((string service, ServingStatus status) in Volatile.Read(ref _states))
        {
            response.Statuses.Add(service, new HealthCheckResponse { Status = status });
        }

        return Task.FromResult(response);
    }

    /// <inheritdoc/>
    public override async Task Watch(
        HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(responseStream);
        ArgumentNullException.ThrowIfNull(context);
        ServingStatus? last = null;
        while (true)
        {
            (ServingStatus status, Task changed) = Observe(request.Service);
            if (status != last)
            {
                await responseStream.WriteAsync(new HealthCheckResponse { Status = status }).ConfigureAwait(false);
                last = status;
            }

            await changed.WaitAsync(context.CancellationToken).ConfigureAwait(false);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private (ServingStatus Status, Task Changed) Observe(string service)
    {
        lock (_lock)
        {
            return (_states.GetValueOrDefault(service, ServingStatus.ServiceUnknown), _changed.Task);
        }
    }

    private void Change(Func<ImmutableDictionary<string, ServingStatus>, ImmutableDictionary<string, ServingStatus>> change)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            _states = change(_states);
            changed = _changed;
            _changed = NewSignal();
        }

        changed.SetResult();
    }
}
