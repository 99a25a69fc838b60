using PodAgent.Streaming.PortForwarding;
using PodAgent.Streaming.Tests.Support;

namespace PodAgent.Streaming.Tests.PortForwarding;

/// <summary>A pod that repeats on port 80 what it hears, until it hears no more; no other port listens.</summary>
internal sealed class EchoPorts : IPortConnector
{
    public int Open;

    public Task<IPortConnection> ConnectAsync(int port, CancellationToken cancellationToken) => port == 80
        ? Task.FromResult<IPortConnection>(new Connection(this))
        : Task.FromException<IPortConnection>(new IOException($"nobody listens on {port}"));

    private sealed class Connection : IPortConnection
    {
        private readonly EchoPorts _owner;
        private readonly MemoryTransport _sending;

        public Connection(EchoPorts owner)
        {
            _owner = owner;
            Interlocked.Increment(ref owner.Open);
            (_sending, MemoryTransport pod) = MemoryTransport.Pair();
            Stream = _sending;
            _ = pod.CopyToAsync(pod).ContinueWith(_ => pod.Dispose(), TaskScheduler.Default);
        }

        public Stream Stream { get; }

        public void CompleteSending() => _sending.CompleteWrites();

        public void Dispose()
        {
            Interlocked.Decrement(ref _owner.Open);
            _sending.Dispose();
        }
    }
}
