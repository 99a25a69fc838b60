using System.Collections.Concurrent;
using Grpc.Core;
using PodAgent.Pods.Actions;
using PodAgent.Pods.Events;
using PodAgent.Pods.Status;

namespace PodAgent.Pods.Images;

/// <summary>
/// Sees to a container's image by its pull policy. A pull runs beside the pod's worker, which is told when it ends: other containers of the
/// pod start meanwhile. One pull per pod, container and image; failures back off from 10 s to 300 s.
/// </summary>
internal sealed class ImagePresence
{
    private readonly Cri.ImageService.ImageServiceClient _images;
    private readonly EventRecorder _events;
    private readonly TimeProvider _time;
    private readonly BackOff _backOff;
    private readonly ConcurrentDictionary<string, Pull> _pulls = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (DateTimeOffset At, string Message)> _failures = new(StringComparer.Ordinal);

    public ImagePresence(Cri.ImageService.ImageServiceClient images, EventRecorder events, TimeProvider time)
    {
        _images = images;
        _events = events;
        _time = time;
        _backOff = new BackOff(time);
    }

    /// <param name="pod">The pod.</param>
    /// <param name="container">One of its containers.</param>
    /// <param name="init">Whether it is an init container.</param>
    /// <param name="sandbox">Handed to the runtime with a pull.</param>
    /// <param name="changed">Called when a pull that this call has started ends.</param>
    /// <param name="ct">Ends the looking, and a pull that this call has started.</param>
    public async Task<ImageState> EnsureAsync(
        Core.Pod pod, Core.Container container, bool init, Cri.PodSandboxConfig sandbox, Action changed, CancellationToken ct)
    {
        string policy = container.HasImagePullPolicy && container.ImagePullPolicy.Length > 0 ? container.ImagePullPolicy : "IfNotPresent";
        string key = $"{pod.Metadata.Uid}/{container.Name}/{container.Image}";
        Cri.ImageSpec spec = new() { Image = container.Image, UserSpecifiedImage = container.Image };
        if (_pulls.TryGetValue(key, out Pull? pull))
        {
            if (!pull.Done)
            {
                return new ImageState(null);
            }

            _pulls.TryRemove(key, out _);
            if (pull.Failure is { } failure)
            {
                return Failed(pod, container, init, failure, key);
            }

            Cri.Image? pulled = await FindAsync(spec, ct);
            if (pulled is not null)
            {
                return new ImageState(pulled);
            }
        }

        Cri.Image? present;
        try
        {
            present = await FindAsync(spec, ct);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.InvalidArgument)
        {
            string message = $"Failed to apply default image tag \"{container.Image}\": {e.Status.Detail}";
            _events.Record(pod, EventRecorder.Warning, "InspectFailed", message, container.Name, init);
            return new ImageState(null, new ContainerIssue("InvalidImageName", message));
        }
        catch (RpcException e) when (e.StatusCode != StatusCode.Cancelled)
        {
            string message = $"Failed to inspect image \"{container.Image}\": {e.Status.Detail}";
            _events.Record(pod, EventRecorder.Warning, "InspectFailed", message, container.Name, init);
            return new ImageState(null, new ContainerIssue("ImageInspectError", message), _time.GetUtcNow() + BackOff.Initial);
        }

        if (present is not null && policy != "Always")
        {
            _events.Record(pod, EventRecorder.Normal, "Pulled",
                $"Container image \"{container.Image}\" already present on machine", container.Name, init);
            return new ImageState(present);
        }

        if (policy == "Never")
        {
            string message = $"Container image \"{container.Image}\" is not present with pull policy of Never";
            _events.Record(pod, EventRecorder.Warning, "ErrImageNeverPull", message, container.Name, init);
            return new ImageState(null, new ContainerIssue("ErrImageNeverPull", message), _time.GetUtcNow() + BackOff.Initial);
        }

        if (_backOff.Delay(key, LastFailure(key)) is { } delay)
        {
            _events.Record(pod, EventRecorder.Normal, "BackOff", $"Back-off pulling image \"{container.Image}\"", container.Name, init);
            _events.Record(pod, EventRecorder.Warning, "Failed", "Error: ImagePullBackOff", container.Name, init);
            return new ImageState(
                null,
                new ContainerIssue("ImagePullBackOff", $"Back-off pulling image \"{container.Image}\": {_failures[key].Message}"),
                LastFailure(key) + delay);
        }

        _events.Record(pod, EventRecorder.Normal, "Pulling", $"Pulling image \"{container.Image}\"", container.Name, init);
        Pull started = new();
        _pulls[key] = started;
        _ = PullAsync(started, pod, container, init, spec, sandbox, changed, ct);
        // An image that is already there comes back at once: no detour over another round of the worker.
        return started.Done
            ? await EnsureAsync(pod, container, init, sandbox, changed, ct)
            : new ImageState(null);
    }

    /// <summary>Drops what is remembered of a pod.</summary>
    public void Forget(string uid)
    {
        foreach (string key in _failures.Keys.Where(k => k.StartsWith(uid + "/", StringComparison.Ordinal)))
        {
            _failures.TryRemove(key, out _);
        }

        foreach (string key in _pulls.Keys.Where(k => k.StartsWith(uid + "/", StringComparison.Ordinal)))
        {
            _pulls.TryRemove(key, out _);
        }

        _backOff.Forget(uid + "/");
    }

    private DateTimeOffset LastFailure(string key) => _failures.TryGetValue(key, out (DateTimeOffset At, string Message) failure) ? failure.At : default;

    private ImageState Failed(Core.Pod pod, Core.Container container, bool init, string failure, string key)
    {
        DateTimeOffset now = _time.GetUtcNow();
        _backOff.Next(key, now);
        _failures[key] = (now, $"ErrImagePull: {failure}");
        _events.Record(pod, EventRecorder.Warning, "Failed", $"Failed to pull image \"{container.Image}\": {failure}", container.Name, init);
        _events.Record(pod, EventRecorder.Warning, "Failed", "Error: ErrImagePull", container.Name, init);
        // Soon again, to show ImagePullBackOff; the pull itself waits for the back-off.
        return new ImageState(null, new ContainerIssue("ErrImagePull", failure), now + TimeSpan.FromSeconds(1));
    }

    private async Task<Cri.Image?> FindAsync(Cri.ImageSpec spec, CancellationToken ct)
    {
        Cri.ImageStatusResponse response =
            await _images.ImageStatusAsync(new Cri.ImageStatusRequest { Image = spec }, cancellationToken: ct);
        return response.Image is { Id.Length: > 0 } ? response.Image : null;
    }

    private async Task PullAsync(
        Pull pull, Core.Pod pod, Core.Container container, bool init, Cri.ImageSpec spec, Cri.PodSandboxConfig sandbox, Action changed, CancellationToken ct)
    {
        long start = _time.GetTimestamp();
        try
        {
            await _images.PullImageAsync(new Cri.PullImageRequest { Image = spec, SandboxConfig = sandbox }, cancellationToken: ct);
            string took = PodText.Duration(_time.GetElapsedTime(start));
            _events.Record(pod, EventRecorder.Normal, "Pulled",
                $"Successfully pulled image \"{container.Image}\" in {took} ({took} including waiting)", container.Name, init);
        }
        catch (OperationCanceledException)
        {
            pull.Failure = "cancelled";
        }
        catch (Exception e)
        {
            // Whatever it was: a pull that never ends would hold the container back for ever.
            pull.Failure = e is RpcException refused ? refused.Status.Detail : e.Message;
        }

        // In this order: who is told must find it done.
        pull.Done = true;
        changed();
    }

    private sealed class Pull
    {
        private volatile bool _done;

        public bool Done
        {
            get => _done;
            set => _done = value;
        }

        public string? Failure { get; set; }
    }
}
