using PodAgent.Linux;
using PodAgent.Linux.Events;
using PodAgent.Linux.Files;
using PodAgent.Streaming;

namespace PodAgent.Cri.Adapters;

/// <summary>
/// The agent's end of pipes or of a terminal as an asynchronous stream. Reading and writing may overlap when they have a descriptor each.
/// </summary>
internal sealed class DescriptorStream : AsyncByteStream
{
    private readonly DescriptorReadiness _readiness;
    private readonly Fd? _input;
    private readonly Fd? _output;
    private readonly CancellationTokenSource _disposing = new();

    /// <summary>Takes ownership of non-blocking descriptors.</summary>
    public DescriptorStream(DescriptorReadiness readiness, Fd? input, Fd? output)
    {
        _readiness = readiness;
        _input = input;
        _output = output;
    }

    public override bool CanRead => _input is not null;

    public override bool CanWrite => _output is not null;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Fd input = _input ?? throw new NotSupportedException();
        using var held = new Held(input);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int read = FileData.TryRead(input, buffer.Span, out Errno errno);
            switch (errno)
            {
                case Errno.None:
                    return read;
                case Errno.EIO:
                    // A terminal's leader once the last follower is closed (pty(7)).
                    return 0;
                case Errno.EAGAIN:
                    await WaitAsync(input, EventKinds.Readable, cancellationToken).ConfigureAwait(false);
                    break;
                default:
                    throw new LinuxException("read(2)", input.ToString(), errno);
            }
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Fd output = _output ?? throw new NotSupportedException();
        using var held = new Held(output);
        while (buffer.Length > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int written = FileData.TryWrite(output, buffer.Span, out Errno errno);
            if (errno == Errno.EAGAIN)
            {
                await WaitAsync(output, EventKinds.Writable, cancellationToken).ConfigureAwait(false);
            }
            else if (errno != Errno.None)
            {
                throw new LinuxException("write(2)", output.ToString(), errno);
            }
            else
            {
                buffer = buffer[written..];
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposing.IsCancellationRequested)
        {
            // First nobody waits any more, then the number may be used again.
            _disposing.Cancel();
            _input?.Dispose();
            _output?.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task WaitAsync(Fd file, EventKinds kinds, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposing.Token);
        await _readiness.WaitAsync(file, kinds, either.Token).ConfigureAwait(false);
    }

    // A number that was closed may be somebody else's the next moment: it stays open until nobody in here uses it.
    private readonly struct Held : IDisposable
    {
        private readonly Fd _file;

        public Held(Fd file)
        {
            bool added = false;
            file.DangerousAddRef(ref added);
            _file = file;
        }

        public void Dispose() => _file.DangerousRelease();
    }
}
