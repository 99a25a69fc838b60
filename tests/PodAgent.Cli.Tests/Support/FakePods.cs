using System.Collections.Concurrent;
using System.Threading.Channels;
using Google.Protobuf;
using Grpc.Core;
using PodAgent.Api.Core;
using PodAgent.Api.V1;

namespace PodAgent.Cli.Tests.Support;

/// <summary>Pods that do nothing: what a test puts in, clients see; what clients ask for, a test sees.</summary>
internal sealed class FakePods : PodService.PodServiceBase
{
    private readonly Channel<PodWatchEvent> _changes = Channel.CreateUnbounded<PodWatchEvent>();

    public List<Pod> Pods { get; } = [];

    public List<Event> Events { get; } = [];

    /// <summary>Logs by "pod/container".</summary>
    public Dictionary<string, string> Logs { get; } = [];

    public ConcurrentQueue<ApplyPodRequest> Applied { get; } = [];

    public ConcurrentQueue<DeletePodRequest> Deleted { get; } = [];

    public ConcurrentQueue<ReadLogsRequest> LogRequests { get; } = [];

    /// <summary>The refusal of every ApplyPod; null: accepted.</summary>
    public Status? Refusal { get; set; }

    public string[] Warnings { get; set; } = [];

    /// <summary>Tells the watchers, after what they were told at first.</summary>
    public void Change(PodWatchEvent.Types.Type type, Pod pod) => _changes.Writer.TryWrite(new PodWatchEvent { Type = type, Pod = pod });

    public override Task<ApplyPodResponse> ApplyPod(ApplyPodRequest request, ServerCallContext context)
    {
        Applied.Enqueue(request);
        if (Refusal is { } refusal)
        {
            throw new RpcException(refusal);
        }

        bool known = Pods.Any(pod => pod.Metadata.Name == request.Pod.Metadata.Name);
        if (known && request.CreateOnly)
        {
            throw new RpcException(new Status(StatusCode.AlreadyExists, $"pods \"{request.Pod.Metadata.Name}\" already exists"));
        }

        var response = new ApplyPodResponse
        {
            Pod = request.Pod,
            Outcome = known ? ApplyPodResponse.Types.Outcome.Configured : ApplyPodResponse.Types.Outcome.Created,
        };
        response.Warnings.AddRange(Warnings);
        return Task.FromResult(response);
    }

    public override Task<DeletePodResponse> DeletePod(DeletePodRequest request, ServerCallContext context)
    {
        Deleted.Enqueue(request);
        return Task.FromResult(new DeletePodResponse { Pod = Find(request.Namespace, request.Name) });
    }

    public override Task<GetPodResponse> GetPod(GetPodRequest request, ServerCallContext context) =>
        Task.FromResult(new GetPodResponse { Pod = Find(request.Namespace, request.Name) });

    public override Task<ListPodsResponse> ListPods(ListPodsRequest request, ServerCallContext context)
    {
        var response = new ListPodsResponse();
        response.Pods.AddRange(Pods.Where(pod => Matches(request, pod)));
        return Task.FromResult(response);
    }

    public override async Task WatchPods(ListPodsRequest request, IServerStreamWriter<PodWatchEvent> responseStream, ServerCallContext context)
    {
        foreach (Pod pod in Pods.Where(pod => Matches(request, pod)))
        {
            await responseStream.WriteAsync(new PodWatchEvent { Type = PodWatchEvent.Types.Type.Added, Pod = pod });
        }

        await responseStream.WriteAsync(new PodWatchEvent { Type = PodWatchEvent.Types.Type.Bookmark });
        await foreach (PodWatchEvent change in _changes.Reader.ReadAllAsync(context.CancellationToken))
        {
            await responseStream.WriteAsync(change);
        }
    }

    public override async Task ReadLogs(ReadLogsRequest request, IServerStreamWriter<ReadLogsResponse> responseStream, ServerCallContext context)
    {
        LogRequests.Enqueue(request);
        string text = Logs[$"{request.Pod}/{request.Container}"];
        do
        {
            await responseStream.WriteAsync(new ReadLogsResponse { Data = ByteString.CopyFromUtf8(text) }, context.CancellationToken);
        }
        while (request.Follow);
    }

    public override Task<ListEventsResponse> ListEvents(ListEventsRequest request, ServerCallContext context)
    {
        var response = new ListEventsResponse();
        response.Events.AddRange(Events.Where(item => request.Pod.Length == 0 || item.InvolvedObject.Name == request.Pod));
        return Task.FromResult(response);
    }

    private static bool Matches(ListPodsRequest request, Pod pod) =>
        (request.Namespace.Length == 0 || pod.Metadata.Namespace == request.Namespace)
        && (request.Name.Length == 0 || pod.Metadata.Name == request.Name)
        && (request.LabelSelector.Length == 0 || pod.Metadata.Labels.Any(label => $"{label.Key}={label.Value}" == request.LabelSelector));

    private Pod Find(string podNamespace, string name) =>
        Pods.FirstOrDefault(pod => pod.Metadata.Namespace == podNamespace && pod.Metadata.Name == name)
        ?? throw new RpcException(new Status(StatusCode.NotFound, $"pods \"{name}\" not found in namespace \"{podNamespace}\""));
}
