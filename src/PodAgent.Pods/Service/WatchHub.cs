using System.Threading.Channels;

namespace PodAgent.Pods.Service;

/// <summary>
/// Hands changes to many watchers. Each has a bounded buffer: a client that does not read is dropped with a clear error instead of
/// holding memory or the engine. The caller serialises <see cref="Publish"/> and <see cref="Subscribe"/> with the state they describe.
/// </summary>
internal sealed class WatchHub<T>
{
    /// <summary>Changes that a watcher may be behind.</summary>
    public const int Capacity = 4096;

    private readonly Lock _lock = new();
    private readonly List<Channel<T>> _watchers = [];
    private bool _completed;

    public Subscription Subscribe()
    {
        Channel<T> channel = Channel.CreateBounded<T>(new BoundedChannelOptions(Capacity) { SingleReader = true });
        lock (_lock)
        {
            if (_completed)
            {
                channel.Writer.TryComplete();
            }

            _watchers.Add(channel);
        }

        return new Subscription(this, channel);
    }

    public void Publish(T change)
    {
        lock (_lock)
        {
            for (int i = _watchers.Count - 1; i >= 0; i--)
            {
                if (!_watchers[i].Writer.TryWrite(change))
                {
                    _watchers[i].Writer.TryComplete(new AgentException(
                        ErrorKind.ResourceExhausted, $"the watch fell more than {Capacity} changes behind and was ended; start it again"));
                    _watchers.RemoveAt(i);
                }
            }
        }
    }

    /// <summary>Ends every watch; used when the engine stops.</summary>
    public void Complete()
    {
        lock (_lock)
        {
            _completed = true;
            foreach (Channel<T> watcher in _watchers)
            {
                watcher.Writer.TryComplete();
            }

            _watchers.Clear();
        }
    }

    private void Remove(Channel<T> channel)
    {
        lock (_lock)
        {
            _watchers.Remove(channel);
        }
    }

    /// <summary>One watcher's end.</summary>
    public sealed class Subscription : IDisposable
    {
        private readonly WatchHub<T> _hub;
        private readonly Channel<T> _channel;

        internal Subscription(WatchHub<T> hub, Channel<T> channel)
        {
            _hub = hub;
            _channel = channel;
        }

        public ChannelReader<T> Changes => _channel.Reader;

        public void Dispose() => _hub.Remove(_channel);
    }
}
