using PodAgent.Api.V1;
using PodAgent.Pods.Logs;
using PodAgent.Pods.Status;

namespace PodAgent.Pods.Service;

/// <summary>Finds the log that a client asks for, by the pod's status, and reads it.</summary>
internal sealed class PodLogs
{
    private readonly PodEngine _engine;

    public PodLogs(PodEngine engine) => _engine = engine;

    public async Task ReadAsync(ReadLogsRequest request, Func<ReadOnlyMemory<byte>, Task> emit, CancellationToken ct)
    {
        PodKey key = PodChanges.KeyOf(request.Namespace, request.Pod);
        (IReadOnlyList<Core.Pod> pods, WatchHub<PodChange>.Subscription subscription) = _engine.Registry.Watch();
        using (subscription)
        {
            Core.Pod pod = pods.FirstOrDefault(p => PodKey.Of(p) == key) ?? throw PodChanges.NotFound(key);
            string container = ContainerOf(pod, request.Container);
            Core.ContainerStatus? status = StatusOf(pod, container);
            string id = AttemptOf(pod, container, status, request.Previous);
            using CancellationTokenSource done = CancellationTokenSource.CreateLinkedTokenSource(ct);
            bool follow = request.Follow && !request.Previous;
            Task? ended = follow ? EndedAsync(pod, container, id, subscription, done.Token) : null;

            LogQuery query = new()
            {
                File = await FileOfAsync(pod, container, id, status!.RestartCount, ct),
                TailLines = request.HasTailLines ? Math.Max(0, request.TailLines) : null,
                Since = request.HasSinceUnixNanos ? request.SinceUnixNanos : null,
                Timestamps = request.Timestamps,
                LimitBytes = request.HasLimitBytes ? Math.Max(0, request.LimitBytes) : null,
                FollowUntil = ended,
            };
            try
            {
                await _engine.Logs.ReadAsync(query, emit, ct);
            }
            finally
            {
                await done.CancelAsync();
            }
        }
    }

    private static string ContainerOf(Core.Pod pod, string wanted)
    {
        if (wanted.Length > 0)
        {
            return pod.Spec.FindContainer(wanted) is not null
                ? wanted
                : throw new AgentException(ErrorKind.InvalidArgument, $"container {wanted} is not valid for pod {pod.Metadata.Name}");
        }

        if (pod.Spec.Containers.Count == 1)
        {
            return pod.Spec.Containers[0].Name;
        }

        string names = string.Join(' ', pod.Spec.InitContainers.Concat(pod.Spec.Containers).Select(c => c.Name));
        throw new AgentException(
            ErrorKind.InvalidArgument, $"a container name must be specified for pod {pod.Metadata.Name}, choose one of: [{names}]");
    }

    private static Core.ContainerStatus? StatusOf(Core.Pod pod, string container) =>
        pod.Status?.ContainerStatuses.Concat(pod.Status.InitContainerStatuses).FirstOrDefault(s => s.Name == container);

    // The runtime's ID of the attempt whose log is meant.
    private static string AttemptOf(Core.Pod pod, string container, Core.ContainerStatus? status, bool previous)
    {
        string last = status?.LastState?.Terminated?.ContainerID ?? "";
        if (previous)
        {
            return last.Length > 0
                ? last
                : throw new AgentException(
                    ErrorKind.InvalidArgument, $"previous terminated container \"{container}\" in pod \"{pod.Metadata.Name}\" not found");
        }

        string current = status?.State?.Running is not null || status?.State?.Terminated is not null ? status.ContainerID : "";
        if (current.Length > 0 || last.Length > 0)
        {
            // A container that waits for its next start shows what it said last.
            return current.Length > 0 ? current : last;
        }

        string reason = status?.State?.Waiting?.Reason ?? "ContainerCreating";
        string message = status?.State?.Waiting?.Message ?? "";
        throw new AgentException(
            ErrorKind.FailedPrecondition,
            $"container \"{container}\" in pod \"{pod.Metadata.Name}\" is waiting to start: {(message.Length > 0 ? message : reason)}");
    }

    private async Task<string> FileOfAsync(Core.Pod pod, string container, string id, int restartCount, CancellationToken ct)
    {
        Cri.ContainerStatus? status = await _engine.Services.Reader.TryStatusAsync(id[ContainerStatusBuilder.Scheme.Length..], ct);
        string directory = _engine.Services.Directories.LogsOf(pod);
        if (status is { LogPath.Length: > 0 })
        {
            // The runtime's own word for the path; ours is the same unless another runtime chose otherwise.
            return Path.Combine(directory, status.LogPath);
        }

        // Of a pod that had finished before a reboot the runtime knows nothing; what it wrote is still there.
        string file = Path.Combine(directory, PodDirectories.LogPath(container, (uint)restartCount));
        return File.Exists(file)
            ? file
            : throw new AgentException(ErrorKind.NotFound, $"the runtime has no container \"{container}\" of pod \"{pod.Metadata.Name}\" any more");
    }

    /// <summary>Completes when this very attempt does not run any more.</summary>
    private static async Task EndedAsync(
        Core.Pod pod, string container, string id, WatchHub<PodChange>.Subscription subscription, CancellationToken ct)
    {
        if (!Runs(pod, container, id))
        {
            return;
        }

        try
        {
            await foreach (PodChange change in subscription.Changes.ReadAllAsync(ct))
            {
                if (change.Pod.Metadata.Uid == pod.Metadata.Uid
                    && (change.Type == PodWatchEvent.Types.Type.Deleted || !Runs(change.Pod, container, id)))
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The reader is done first.
        }
    }

    private static bool Runs(Core.Pod pod, string container, string id) =>
        StatusOf(pod, container) is { State.Running: not null } status && status.ContainerID == id;
}
