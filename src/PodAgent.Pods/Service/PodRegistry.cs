using System.Globalization;
using Microsoft.Extensions.Logging;
using PodAgent.Api.V1;
using PodAgent.Pods.Events;
using PodAgent.Pods.Runtime;
using PodAgent.Pods.Sources;
using PodAgent.Pods.Status;
using PodAgent.Pods.Workers;

namespace PodAgent.Pods.Service;

/// <summary>
/// All pods of the node by name, and which source wants what. One lock: everything under it is memory, except that a pod of the API is stored
/// before it is shown. A pod that is replaced keeps its name until nothing of it is left; then the next one of that name starts.
/// </summary>
internal sealed class PodRegistry
{
    private readonly Lock _lock = new();
    private readonly Dictionary<PodKey, PodEntry> _entries = [];
    private readonly Dictionary<PodKey, Queue<Action>> _held = [];
    private readonly WatchHub<PodChange> _hub = new();
    private readonly ApiPodStore _store;
    private readonly StatusFiles _statuses;
    private readonly EventRecorder _events;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Func<Core.Pod, PodSource, Action<PodWorker>, PodWorker> _newWorker;
    private IReadOnlyDictionary<PodKey, ManifestPod> _manifests = new Dictionary<PodKey, ManifestPod>();
    private long _version;
    private bool _open;
    private bool _closed;

    public PodRegistry(
        ApiPodStore store,
        StatusFiles statuses,
        EventRecorder events,
        ILogger logger,
        TimeProvider time,
        string nodeName,
        Func<Core.Pod, PodSource, Action<PodWorker>, PodWorker> newWorker)
    {
        _store = store;
        _statuses = statuses;
        _events = events;
        _logger = logger;
        _time = time;
        NodeName = nodeName;
        _newWorker = newWorker;
        _version = time.GetUtcNow().ToUnixTimeMilliseconds();
    }

    /// <summary>Shown as the node of every pod.</summary>
    public string NodeName { get; }

    public IReadOnlyList<PodWorker> Workers
    {
        get
        {
            lock (_lock)
            {
                return [.. _entries.Values.Select(e => e.Worker)];
            }
        }
    }

    public PodWorker? FindWorker(string uid)
    {
        lock (_lock)
        {
            return _entries.Values.FirstOrDefault(e => e.Worker.Uid == uid)?.Worker;
        }
    }

    /// <summary>Takes over what a former agent left, then what the sources want: in this order, as an old pod holds its name until it is gone.</summary>
    public void Open(IReadOnlyList<Core.Pod> orphans, IReadOnlyList<Core.Pod> stored)
    {
        lock (_lock)
        {
            _open = true;
            foreach (Core.Pod orphan in orphans)
            {
                AddOrHold(PodKey.Of(orphan), () =>
                    Add(orphan, PodSource.Orphan, null)!.Worker.Terminate(orphan.Spec.GracePeriod(), remove: true));
            }

            foreach (Core.Pod pod in stored)
            {
                AddOrHold(PodKey.Of(pod), () => AddStored(pod));
            }

            Reconcile();
        }
    }

    public IReadOnlySet<string> ManifestUids
    {
        get
        {
            lock (_lock)
            {
                return _manifests.Values.Select(m => m.Pod.Metadata.Uid).ToHashSet();
            }
        }
    }

    public void SetManifests(IReadOnlyDictionary<PodKey, ManifestPod> manifests)
    {
        lock (_lock)
        {
            _manifests = manifests;
            if (_open && !_closed)
            {
                Reconcile();
            }
        }
    }

    /// <returns>The pod, or null when there is none of that name.</returns>
    public Core.Pod? Get(PodKey key)
    {
        lock (_lock)
        {
            return _entries.GetValueOrDefault(key)?.Published;
        }
    }

    public IReadOnlyList<Core.Pod> List()
    {
        lock (_lock)
        {
            return Sorted();
        }
    }

    public (IReadOnlyList<Core.Pod> Existing, WatchHub<PodChange>.Subscription Changes) Watch()
    {
        lock (_lock)
        {
            return (Sorted(), _hub.Subscribe());
        }
    }

    /// <summary>Runs a change of one pod while nothing else changes.</summary>
    public T Update<T>(PodKey key, Func<PodEntry?, T> change)
    {
        lock (_lock)
        {
            return _closed
                ? throw new AgentException(ErrorKind.Unavailable, "the agent is stopping")
                : change(_entries.GetValueOrDefault(key));
        }
    }

    /// <summary>Adds a pod that the API accepted. Called inside <see cref="Update"/>.</summary>
    public PodEntry AddAccepted(Core.Pod pod)
    {
        _store.Save(pod);
        return Add(pod, PodSource.Api, null) ?? throw new InvalidOperationException($"pod {PodKey.Of(pod)} exists");
    }

    /// <summary>Changes a pod in place. Called inside <see cref="Update"/>.</summary>
    public Core.Pod Change(PodEntry entry, Core.Pod pod)
    {
        _store.Save(pod);
        entry.Worker.Update(pod);
        Publish(entry);
        return entry.Published;
    }

    /// <summary>Ends a pod of the API. Called inside <see cref="Update"/>.</summary>
    public Core.Pod Delete(PodEntry entry, TimeSpan grace)
    {
        PodLog.PodEnding(_logger, PodText.Format(entry.Published), grace.TotalSeconds);
        entry.Worker.Terminate(grace, remove: true);
        Publish(entry);
        if (entry.Worker.Source == PodSource.Api)
        {
            // So that a new agent goes on with the deletion instead of with the pod.
            _store.Save(entry.Published);
        }

        return entry.Published;
    }

    public void OnStatus(PodWorker worker, Core.PodStatus status)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(worker.Key, out PodEntry? entry) && entry.Worker == worker)
            {
                Publish(entry, status);
            }
        }

        _statuses.Save(worker.Uid, status);
    }

    public void OnTerminated(PodWorker worker)
    {
        lock (_lock)
        {
            if (worker.Source == PodSource.Api && !worker.State.Remove && _entries.TryGetValue(worker.Key, out PodEntry? entry) && entry.Worker == worker)
            {
                // A finished pod stays finished over a reboot, which takes all that the runtime knows.
                _store.Save(entry.Published);
            }
        }
    }

    public void OnFinished(PodWorker worker)
    {
        TaskCompletionSource gone;
        // First: the next pod may have the same UID, from the same content of a file.
        _statuses.Delete(worker.Uid);
        lock (_lock)
        {
            if (!_entries.TryGetValue(worker.Key, out PodEntry? entry) || entry.Worker != worker)
            {
                return;
            }

            if (worker.Source == PodSource.Api)
            {
                _store.Delete(worker.Key);
            }

            _entries.Remove(worker.Key);
            PodLog.PodGone(_logger, PodText.Format(worker.State.Pod));
            _hub.Publish(new PodChange(PodWatchEvent.Types.Type.Deleted, Stamp(entry.Published.Clone())));
            gone = entry.Gone;
            if (!_closed)
            {
                AddHeld(worker.Key);
                Reconcile();
            }
        }

        gone.TrySetResult();
    }

    /// <summary>No more changes; watches end. The pods stay.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
        }

        _hub.Complete();
    }

    // Under the lock: brings the manifests' pods to what the files want.
    private void Reconcile()
    {
        foreach ((PodKey key, PodEntry entry) in _entries.ToList())
        {
            if (entry.Worker.Source != PodSource.Manifest)
            {
                continue;
            }

            ManifestPod? wanted = _manifests.GetValueOrDefault(key);
            if (wanted is not null && wanted.Pod.Metadata.Uid == entry.Worker.Uid)
            {
                entry.File = wanted.File;
            }
            else if (!entry.Worker.State.Remove)
            {
                TimeSpan grace = entry.Published.Spec.GracePeriod();
                PodLog.PodEnding(_logger, PodText.Format(entry.Published), grace.TotalSeconds);
                entry.Worker.Terminate(grace, remove: true);
                Publish(entry);
            }
        }

        foreach ((PodKey key, ManifestPod wanted) in _manifests)
        {
            if (!_entries.TryGetValue(key, out PodEntry? existing))
            {
                Add(wanted.Pod, PodSource.Manifest, wanted.File);
            }
            else if (existing.Worker.Source == PodSource.Api && existing.Worker.State is { Remove: false })
            {
                _events.RecordManifest(Path.GetFileName(wanted.File), EventRecorder.Warning, "FailedManifest",
                    $"{Path.GetFileName(wanted.File)}: pod \"{key}\" already exists, created over the API");
            }
        }
    }

    // Several pods of one name can only come from the past: each waits until the one before it is gone.
    private void AddOrHold(PodKey key, Action add)
    {
        if (!_entries.ContainsKey(key))
        {
            add();
        }
        else if (_held.TryGetValue(key, out Queue<Action>? queue))
        {
            queue.Enqueue(add);
        }
        else
        {
            _held[key] = new Queue<Action>([add]);
        }
    }

    private void AddHeld(PodKey key)
    {
        if (_held.TryGetValue(key, out Queue<Action>? queue))
        {
            queue.Dequeue()();
            if (queue.Count == 0)
            {
                _held.Remove(key);
            }
        }
    }

    private void AddStored(Core.Pod pod)
    {
        Core.PodStatus? status = pod.Status;
        PodEntry? entry = Add(pod, PodSource.Api, null, status);
        if (pod.Metadata.DeletionTimestamp is { } deletion)
        {
            TimeSpan left = deletion.ToDateTimeOffset() - _time.GetUtcNow();
            entry?.Worker.Terminate(left > TimeSpan.Zero ? left : TimeSpan.FromSeconds(1), remove: true);
        }
    }

    private PodEntry? Add(Core.Pod pod, PodSource source, string? file, Core.PodStatus? status = null)
    {
        Core.Pod desired = pod.Clone();
        desired.Status = null;
        Core.PodStatus? known = _statuses.Load(desired.Metadata.Uid);
        if (source == PodSource.Manifest && known?.StartTime is { } started)
        {
            // A manifest does not say when its pod was made; the agent before this one knew.
            desired.Metadata.CreationTimestamp = started.Clone();
        }

        PodWorker worker = _newWorker(desired, source, OnFinished);
        worker.Memory.Status = known ?? status;
        Core.Pod published = desired.Clone();
        published.Status = worker.Memory.Status ?? PodStatusBuilder.Build(new PodStatusInput
        {
            Pod = desired,
            Runtime = PodRuntimeStatus.Empty(worker.Uid),
            Now = _time.GetUtcNow(),
            HostIps = [],
        });
        PodEntry entry = new() { Worker = worker, Published = Stamp(published), File = file };
        if (!_entries.TryAdd(PodKey.Of(pod), entry))
        {
            return null;
        }

        PodLog.PodAdded(_logger, PodText.Format(pod), file ?? source.ToString());
        _hub.Publish(new PodChange(PodWatchEvent.Types.Type.Added, entry.Published));
        worker.Start();
        return entry;
    }

    private void Publish(PodEntry entry, Core.PodStatus? status = null)
    {
        PodWorkerState state = entry.Worker.State;
        Core.Pod pod = state.Pod.Clone();
        pod.Status = status ?? entry.Published.Status;
        if (state is { Remove: true, KillAt: { } killAt, TerminatingAt: { } since })
        {
            pod.Metadata.DeletionTimestamp = killAt.ToTime();
            pod.Metadata.DeletionGracePeriodSeconds = (long)Math.Ceiling((state.Grace ?? (killAt - since)).TotalSeconds);
        }

        entry.Published = Stamp(pod);
        _hub.Publish(new PodChange(PodWatchEvent.Types.Type.Modified, entry.Published));
    }

    private Core.Pod Stamp(Core.Pod pod)
    {
        pod.Spec.NodeName = NodeName;
        pod.Metadata.ResourceVersion = (++_version).ToString(CultureInfo.InvariantCulture);
        return pod;
    }

    private List<Core.Pod> Sorted() =>
        [.. _entries.OrderBy(e => e.Key.Namespace, StringComparer.Ordinal).ThenBy(e => e.Key.Name, StringComparer.Ordinal).Select(e => e.Value.Published)];
}
