using Google.Protobuf;
using Grpc.Core;
using PodAgent.Api.Meta;
using PodAgent.Api.V1;
using PodAgent.Pods.Events;

namespace PodAgent.Pods.Service;

/// <summary>podagent.v1.PodService: pods by name, their logs and their events. Failures are <see cref="AgentException"/>s.</summary>
public sealed class PodServiceServer : PodService.PodServiceBase
{
    private readonly PodEngine _engine;
    private readonly PodChanges _changes;
    private readonly PodLogs _logs;

    /// <summary>Serves an engine.</summary>
    public PodServiceServer(PodEngine engine)
    {
        _engine = engine;
        _changes = new PodChanges(engine.Registry, engine.Services.Time);
        _logs = new PodLogs(engine);
    }

    /// <inheritdoc/>
    public override Task<ApplyPodResponse> ApplyPod(ApplyPodRequest request, ServerCallContext context) =>
        Task.FromResult(_changes.Apply(request));

    /// <inheritdoc/>
    public override async Task<DeletePodResponse> DeletePod(DeletePodRequest request, ServerCallContext context)
    {
        (Core.Pod pod, Task gone) = _changes.Delete(request);
        if (request.Wait)
        {
            await gone.WaitAsync(context.CancellationToken);
        }

        return new DeletePodResponse { Pod = pod };
    }

    /// <inheritdoc/>
    public override Task<GetPodResponse> GetPod(GetPodRequest request, ServerCallContext context)
    {
        PodKey key = PodChanges.KeyOf(request.Namespace, request.Name);
        Core.Pod pod = _engine.Registry.Get(key) ?? throw PodChanges.NotFound(key);
        return Task.FromResult(new GetPodResponse { Pod = pod });
    }

    /// <inheritdoc/>
    public override Task<ListPodsResponse> ListPods(ListPodsRequest request, ServerCallContext context)
    {
        PodSelector selector = new(request);
        ListPodsResponse response = new();
        response.Pods.AddRange(_engine.Registry.List().Where(selector.Matches));
        return Task.FromResult(response);
    }

    /// <inheritdoc/>
    public override async Task WatchPods(ListPodsRequest request, IServerStreamWriter<PodWatchEvent> responseStream, ServerCallContext context)
    {
        PodSelector selector = new(request);
        (IReadOnlyList<Core.Pod> existing, WatchHub<PodChange>.Subscription subscription) = _engine.Registry.Watch();
        using (subscription)
        {
            // By name: a replaced pod of the same name is deleted before the next one is added.
            HashSet<PodKey> known = [];
            foreach (Core.Pod pod in existing.Where(selector.Matches))
            {
                known.Add(PodKey.Of(pod));
                await responseStream.WriteAsync(new PodWatchEvent { Type = PodWatchEvent.Types.Type.Added, Pod = pod }, context.CancellationToken);
            }

            await responseStream.WriteAsync(new PodWatchEvent { Type = PodWatchEvent.Types.Type.Bookmark }, context.CancellationToken);
            await foreach (PodChange change in subscription.Changes.ReadAllAsync(context.CancellationToken))
            {
                PodWatchEvent.Types.Type? type = selector.Translate(change, known);
                if (type is not null)
                {
                    await responseStream.WriteAsync(new PodWatchEvent { Type = type.Value, Pod = change.Pod }, context.CancellationToken);
                }
            }
        }
    }

    /// <inheritdoc/>
    public override Task ReadLogs(ReadLogsRequest request, IServerStreamWriter<ReadLogsResponse> responseStream, ServerCallContext context) =>
        _logs.ReadAsync(
            request,
            data => responseStream.WriteAsync(new ReadLogsResponse { Data = UnsafeByteOperations.UnsafeWrap(data) }, context.CancellationToken),
            context.CancellationToken);

    /// <inheritdoc/>
    public override Task<ListEventsResponse> ListEvents(ListEventsRequest request, ServerCallContext context)
    {
        ListEventsResponse response = new();
        response.Events.AddRange(_engine.Services.Events.List(request.Namespace, request.Pod));
        return Task.FromResult(response);
    }

    /// <inheritdoc/>
    public override async Task WatchEvents(ListEventsRequest request, IServerStreamWriter<ListEventsResponse> responseStream, ServerCallContext context)
    {
        (IReadOnlyList<Core.Event> stored, WatchHub<Core.Event>.Subscription subscription) =
            _engine.Services.Events.Watch(request.Namespace, request.Pod);
        using (subscription)
        {
            ListEventsResponse first = new();
            first.Events.AddRange(stored);
            await responseStream.WriteAsync(first, context.CancellationToken);
            await foreach (Core.Event next in subscription.Changes.ReadAllAsync(context.CancellationToken))
            {
                if (EventRecorder.Matches(next, request.Namespace, request.Pod))
                {
                    await responseStream.WriteAsync(new ListEventsResponse { Events = { next } }, context.CancellationToken);
                }
            }
        }
    }
}
