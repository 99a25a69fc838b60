using System.IO.Pipelines;
using PodAgent.Cri.Ports;
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

    private sealed class TwoWay(Pipe pipe) : Stream
    {
        private readonly Stream _in = pipe.Reader.AsStream();
        private readonly Stream _out = pipe.Writer.AsStream(leaveOpen: true);

        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _in.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => _out.WriteAsync(buffer, cancellationToken);

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
