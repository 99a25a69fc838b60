using System.Globalization;
using PodAgent.Pods.Service;

namespace PodAgent.Pods.Events;

/// <summary>
/// What happened to pods, in the kubelet's reasons and words. The same event about the same object is counted instead of repeated, as
/// users of kubectl know it. The newest events stay in memory and, best effort, in a file in the state directory.
/// </summary>
internal sealed class EventRecorder : IAsyncDisposable
{
    public const string Normal = "Normal";
    public const string Warning = "Warning";

    // Much of a message may be a container's words, and thousands of events are kept.
    private const int MaxMessage = 4096;

    private readonly Lock _lock = new();
    private readonly Dictionary<EventKey, LinkedListNode<Core.Event>> _byKey = [];
    // Oldest first; an event that happens again moves to the end.
    private readonly LinkedList<Core.Event> _order = new();
    private readonly WatchHub<Core.Event> _hub = new();
    private readonly TimeProvider _time;
    private readonly string _nodeName;
    private readonly int _capacity;
    private readonly EventFile? _file;
    private long _version;

    /// <param name="time">Stamps the events.</param>
    /// <param name="nodeName">Shown as the events' source.</param>
    /// <param name="file">Where events outlive the agent; null keeps them in memory only.</param>
    /// <param name="capacity">Distinct events kept.</param>
    public EventRecorder(TimeProvider time, string nodeName, EventFile? file = null, int capacity = 2000)
    {
        _time = time;
        _nodeName = nodeName;
        _file = file;
        _capacity = capacity;
        foreach (Core.Event stored in file?.Load() ?? [])
        {
            Put(KeyOf(stored), stored);
        }
    }

    public void Record(Core.Pod pod, string type, string reason, string message, string? container = null, bool init = false) =>
        Record(
            new Core.ObjectReference
            {
                Kind = "Pod",
                Namespace = pod.Metadata.Namespace,
                Name = pod.Metadata.Name,
                Uid = pod.Metadata.Uid,
                ApiVersion = "v1",
                FieldPath = container is null ? "" : $"spec.{(init ? "initContainers" : "containers")}{{{container}}}",
            },
            type,
            reason,
            message);

    /// <summary>An event about a file of the manifest directory: there is no pod that could carry it.</summary>
    public void RecordManifest(string file, string type, string reason, string message) =>
        Record(new Core.ObjectReference { Kind = "Manifest", Namespace = "default", Name = file }, type, reason, message);

    public IReadOnlyList<Core.Event> List(string ns, string pod)
    {
        lock (_lock)
        {
            return [.. Matching(ns, pod)];
        }
    }

    /// <summary>The stored events and, without a gap, those that follow.</summary>
    public (IReadOnlyList<Core.Event> Stored, WatchHub<Core.Event>.Subscription Next) Watch(string ns, string pod)
    {
        lock (_lock)
        {
            return ([.. Matching(ns, pod)], _hub.Subscribe());
        }
    }

    public static bool Matches(Core.Event e, string ns, string pod) =>
        (ns.Length == 0 || e.InvolvedObject.Namespace == ns) && (pod.Length == 0 || e.InvolvedObject.Name == pod);

    /// <summary>Ends every watch, and returns when the file has everything.</summary>
    public async ValueTask DisposeAsync()
    {
        _hub.Complete();
        if (_file is not null)
        {
            await _file.DisposeAsync();
        }
    }

    private void Record(Core.ObjectReference about, string type, string reason, string message)
    {
        message = Cut(message);
        EventKey key = new(about.Kind, about.Namespace, about.Name, about.Uid, about.FieldPath, type, reason, message);
        DateTimeOffset now = _time.GetUtcNow();
        lock (_lock)
        {
            _version++;
            Core.Event recorded;
            if (_byKey.TryGetValue(key, out LinkedListNode<Core.Event>? known))
            {
                recorded = known.Value.Clone();
                recorded.Count++;
                recorded.LastTimestamp = now.ToTime();
            }
            else
            {
                recorded = New(about, type, reason, message, now);
            }

            recorded.Metadata.ResourceVersion = _version.ToString(CultureInfo.InvariantCulture);
            Put(key, recorded);
            _file?.Append(recorded, _order);
            _hub.Publish(recorded);
        }
    }

    private static string Cut(string message) => message.Length <= MaxMessage
        ? message
        : $"{message.AsSpan(0, char.IsHighSurrogate(message[MaxMessage - 1]) ? MaxMessage - 1 : MaxMessage)}...";

    private Core.Event New(Core.ObjectReference about, string type, string reason, string message, DateTimeOffset now) => new()
    {
        Metadata = new Meta.ObjectMeta
        {
            // Unique among the events of an object and sortable by time: the form that every client of events writes.
            Name = $"{about.Name}.{now.ToUnixNanoseconds() + (_version % 100):x16}",
            Namespace = about.Namespace,
            Uid = Guid.NewGuid().ToString(),
            CreationTimestamp = now.ToTime(),
        },
        InvolvedObject = about,
        Type = type,
        Reason = reason,
        Message = message,
        Count = 1,
        FirstTimestamp = now.ToTime(),
        LastTimestamp = now.ToTime(),
        Source = new Core.EventSource { Component = "podagent", Host = _nodeName },
        ReportingComponent = "podagent",
        ReportingInstance = _nodeName,
    };

    private void Put(EventKey key, Core.Event recorded)
    {
        if (_byKey.Remove(key, out LinkedListNode<Core.Event>? old))
        {
            _order.Remove(old);
        }

        _byKey[key] = _order.AddLast(recorded);
        while (_order.Count > _capacity)
        {
            _byKey.Remove(KeyOf(_order.First!.Value));
            _order.RemoveFirst();
        }
    }

    private IEnumerable<Core.Event> Matching(string ns, string pod) => _order.Where(e => Matches(e, ns, pod));

    private static EventKey KeyOf(Core.Event e) => new(
        e.InvolvedObject.Kind, e.InvolvedObject.Namespace, e.InvolvedObject.Name, e.InvolvedObject.Uid, e.InvolvedObject.FieldPath, e.Type, e.Reason, e.Message);

    private readonly record struct EventKey(
        string Kind, string Namespace, string Name, string Uid, string FieldPath, string Type, string Reason, string Message);
}
