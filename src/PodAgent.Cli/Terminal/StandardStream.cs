using PodAgent.Linux;
using PodAgent.Linux.Files;

namespace PodAgent.Cli.Terminal;

/// <summary>
/// One of the caller's three standard streams, byte by byte. The framework's own ones take a terminal over: input is edited line by line, so
/// that no key and no Ctrl-C would reach a process in a container before Enter, and the first output switches the arrow keys into application
/// mode and leaves them there.
/// </summary>
internal sealed class StandardStream : Stream
{
    /// <summary>Standard input's descriptor.</summary>
    public const int InputDescriptor = 0;

    private readonly Fd _file;
    private readonly bool _readable;

    private StandardStream(int descriptor)
    {
        _file = new Fd(descriptor);
        _readable = descriptor == InputDescriptor;
    }

    public static StandardStream Input { get; } = new(InputDescriptor);

    public static StandardStream Output { get; } = new(1);

    public static StandardStream Error { get; } = new(2);

    public override bool CanRead => _readable;

    public override bool CanWrite => !_readable;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        int count;
        while ((count = FileData.TryRead(_file, buffer, out Errno errno)) < 0)
        {
            Recover("standard input", errno);
        }

        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int count = FileData.TryWrite(_file, buffer, out Errno errno);
            if (count < 0)
            {
                Recover("standard output", errno);
            }
            else
            {
                buffer = buffer[count..];
            }
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    // The descriptors belong to the process: nobody closes them.
    protected override void Dispose(bool disposing)
    {
    }

    private void Recover(string name, Errno errno)
    {
        switch (errno)
        {
            case Errno.EAGAIN:
                // Another program of the same terminal has switched the description that all share.
                FileData.SetNonBlocking(_file, false);
                break;
            case Errno.EPIPE:
                throw new OutputClosedException();
            default:
                throw new LinuxException(_readable ? "read(2)" : "write(2)", name, errno);
        }
    }
}
