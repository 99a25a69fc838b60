using System.IO.Pipelines;
using PodAgent.Cri.Ports;
using PodAgent.Streaming;
using PodAgent.Streaming.PortForwarding;

namespace PodAgent.Cri.Tests.Fakes;

/// <summary>A pod that sends back what it gets on port 80 and has no other.</summary>
internal sealed class FakePodPorts : IPodPorts
{
    public Task<IPortConnection> ConnectAsync(int pausePid, int port, CancellationToken cancellationToken) => port == 80
        ? Task.FromResult<IPortConnection>(new Echo())
        : Task.FromException<IPortConnection>(new IOException("IPv4: connection refused, IPv6: connection refused"));

    private sealed class Echo : IPortConnection
    {
        private readonly Pipe _pipe = new();

        public Echo() => Stream = new TwoWay(_pipe);

        public Stream Stream { get; }

        public void CompleteSending() => _pipe.Writer.Complete();

        public void Dispose() => _pipe.Writer.Complete();
    }

    private sealed class TwoWay(Pipe pipe) : AsyncByteStream
    {
        private readonly Stream _in = pipe.Reader.AsStream();
        private readonly Stream _out = pipe.Writer.AsStream(leaveOpen: true);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _in.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => _out.WriteAsync(buffer, cancellationToken);
    }
}
