using PodAgent.Linux.Events;

namespace PodAgent.Pods.Sources;

/// <summary>
/// Changes in directories, by one inotify instance and one thread for all who listen: the manifest source and everybody who follows a log.
/// Listeners are called on that thread and must not wait.
/// </summary>
internal sealed class DirectoryWatcher : IDisposable
{
    private const FileEvents Watched = FileEvents.Written | FileEvents.Modified | FileEvents.MovedFrom | FileEvents.MovedTo | FileEvents.Created
        | FileEvents.Deleted | FileEvents.SelfDeleted | FileEvents.SelfMoved | FileEvents.OnlyDirectory;

    private readonly Lock _lock = new();
    private readonly Inotify _inotify = new();
    private readonly Fd _stop = EventCounter.Open();
    private readonly Dictionary<int, List<Subscription>> _byWatch = [];
    private readonly Thread _thread;

    public DirectoryWatcher()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "inotify" };
        _thread.Start();
    }

    /// <summary>Calls back for each event in a directory that exists, until disposed.</summary>
    /// <exception cref="LinuxException">The directory cannot be watched.</exception>
    public IDisposable Subscribe(string directory, Action<FileEvent> changed)
    {
        lock (_lock)
        {
            int watch = _inotify.Add(directory, Watched);
            Subscription subscription = new(this, watch, changed);
            if (!_byWatch.TryGetValue(watch, out List<Subscription>? list))
            {
                _byWatch[watch] = list = [];
            }

            list.Add(subscription);
            return subscription;
        }
    }

    public void Dispose()
    {
        EventCounter.Signal(_stop);
        _thread.Join();
        _inotify.Dispose();
        _stop.Dispose();
    }

    private void Run()
    {
        using EventPoll poll = new();
        poll.Add(_stop, EventKinds.Readable, 0);
        poll.Add(_inotify.Descriptor, EventKinds.Readable, 1);
        List<FileEvent> events = [];
        while (true)
        {
            int count = poll.Wait(-1);
            for (int i = 0; i < count; i++)
            {
                if (poll.At(i).Token == 0)
                {
                    return;
                }
            }

            events.Clear();
            while (_inotify.Read(events))
            {
            }

            foreach (FileEvent e in events)
            {
                Dispatch(e);
            }
        }
    }

    private void Dispatch(FileEvent e)
    {
        List<Subscription> listeners;
        lock (_lock)
        {
            // An overflow concerns everybody: each looks again for itself.
            listeners = e.Watch < 0 ? [.. _byWatch.Values.SelectMany(l => l)] : [.. _byWatch.GetValueOrDefault(e.Watch) ?? []];
            if (e.Events.HasFlag(FileEvents.Ended))
            {
                _byWatch.Remove(e.Watch);
            }
        }

        foreach (Subscription listener in listeners)
        {
            listener.Changed(e);
        }
    }

    private void Remove(Subscription subscription)
    {
        lock (_lock)
        {
            if (_byWatch.TryGetValue(subscription.Watch, out List<Subscription>? list) && list.Remove(subscription) && list.Count == 0)
            {
                _byWatch.Remove(subscription.Watch);
                _inotify.Remove(subscription.Watch);
            }
        }
    }

    private sealed class Subscription(DirectoryWatcher watcher, int watch, Action<FileEvent> changed) : IDisposable
    {
        public int Watch { get; } = watch;

        public Action<FileEvent> Changed { get; } = changed;

        public void Dispose() => watcher.Remove(this);
    }
}
