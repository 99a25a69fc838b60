using System.Runtime.InteropServices;
using PodAgent.Linux.Native;

namespace PodAgent.Linux.Compression;

/// <summary>
/// Reads a stream of zstd frames (RFC 8878) through libzstd. Unlike the framework's gzip stream it refuses truncated data.
/// Windows above 128 MiB, the library's own default limit, are refused.
/// </summary>
public sealed unsafe class ZstdDecompressionStream : Stream
{
    private readonly Stream _source;
    private readonly byte[] _input = new byte[128 * 1024];
    private nint _decoder;
    private int _inputStart;
    private int _inputEnd;
    private bool _insideFrame;

    /// <summary>Wraps a stream of compressed data, which is not closed with this one.</summary>
    /// <exception cref="AgentException">libzstd.so.1 is not installed (<see cref="ErrorKind.FailedPrecondition"/>).</exception>
    public ZstdDecompressionStream(Stream source)
    {
        _source = source;
        try
        {
            _decoder = LibZstd.ZSTD_createDStream();
        }
        catch (DllNotFoundException e)
        {
            throw new AgentException(ErrorKind.FailedPrecondition, "cannot read zstd data: libzstd.so.1 is not installed", e);
        }

        if (_decoder == 0)
        {
            throw new OutOfMemoryException();
        }
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The data is damaged or ends inside a frame.</exception>
    public override int Read(Span<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_decoder == 0, this);
        if (buffer.IsEmpty)
        {
            return 0;
        }

        while (true)
        {
            if (_inputStart == _inputEnd && !Fill())
            {
                // The decoder may still hold output of the last input it consumed.
                int rest = _insideFrame ? Step(buffer) : 0;
                return rest > 0 || !_insideFrame ? rest : throw new InvalidDataException("zstd data ends inside a frame");
            }

            int written = Step(buffer);
            if (written > 0)
            {
                return written;
            }
        }
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (_decoder != 0)
        {
            LibZstd.ZSTD_freeDStream(_decoder);
            _decoder = 0;
        }

        base.Dispose(disposing);
    }

    private bool Fill()
    {
        _inputStart = 0;
        _inputEnd = _source.Read(_input);
        return _inputEnd > 0;
    }

    private int Step(Span<byte> buffer)
    {
        fixed (byte* output = buffer)
        fixed (byte* input = _input)
        {
            var from = new ZstdBuffer { Data = (nint)(input + _inputStart), Size = (nuint)(_inputEnd - _inputStart) };
            var to = new ZstdBuffer { Data = (nint)output, Size = (nuint)buffer.Length };
            nuint hint = LibZstd.ZSTD_decompressStream(_decoder, &to, &from);
            if (LibZstd.ZSTD_isError(hint) != 0)
            {
                throw new InvalidDataException($"zstd data is damaged: {Marshal.PtrToStringUTF8(LibZstd.ZSTD_getErrorName(hint))}");
            }

            _inputStart += (int)from.Position;
            _insideFrame = hint != 0;
            return (int)to.Position;
        }
    }
}
