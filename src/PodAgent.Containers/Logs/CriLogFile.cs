using System.Globalization;
using System.Text;
using PodAgent.Linux;
using PodAgent.Linux.Files;

namespace PodAgent.Containers.Logs;

/// <summary>
/// A container's log file: entries of both streams are gathered and appended with one write per batch. A file that cannot be written (no
/// space left) loses entries, it never stops the container.
/// </summary>
internal sealed class CriLogFile : ICriLogSink, IDisposable
{
    private const int TimestampLength = 30;
    private const int BufferSize = 256 * 1024;
    private const int FixedLength = TimestampLength + 4; // A space, one more behind the stream, the tag and its space.

    // One buffer for the whole process: batches of different files never overlap in time.
    private static byte[]? s_buffer;

    private readonly string _path;
    private readonly TimeProvider _time;

    // What an entry begins with, "time stream tag ": made once for all lines of a batch, which are of one stream almost always.
    private readonly byte[] _head = new byte[FixedLength + 16];
    private Fd? _file;
    private int _length;
    private int _headLength;
    private bool _torn;

    /// <exception cref="LinuxException">The file cannot be opened.</exception>
    public CriLogFile(string path, TimeProvider time)
    {
        _path = path;
        _time = time;
        _file = Open();
    }

    /// <summary>Entries that could not be written since the last success.</summary>
    public long Lost { get; private set; }

    /// <summary>Bytes that the file has now.</summary>
    public long Size => _file is null ? 0 : FileTree.Status(_file).Size;

    /// <summary>Begins a batch: its entries carry the present time.</summary>
    public void Begin()
    {
        s_buffer ??= GC.AllocateUninitializedArray<byte>(BufferSize);
        FormatTimestamp(_time.GetUtcNow(), _head);
        _length = 0;
        _headLength = 0;
        if (_torn)
        {
            // A write that ran out of space left half an entry.
            s_buffer[_length++] = (byte)'\n';
        }
    }

    public void Entry(ReadOnlySpan<byte> stream, bool partial, ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail)
    {
        if (_headLength != FixedLength + stream.Length || !_head.AsSpan(TimestampLength + 1, stream.Length).SequenceEqual(stream))
        {
            BeginHead(stream);
        }

        int size = _headLength + head.Length + tail.Length + 1;
        if (BufferSize - _length < size)
        {
            End();
        }

        Span<byte> entry = s_buffer.AsSpan(_length, size);
        _head.AsSpan(0, _headLength).CopyTo(entry);
        entry[_headLength - 2] = partial ? (byte)'P' : (byte)'F';
        head.CopyTo(entry[_headLength..]);
        tail.CopyTo(entry[(_headLength + head.Length)..]);
        entry[^1] = (byte)'\n';
        _length += size;
    }

    /// <summary>Writes what was gathered.</summary>
    public void End()
    {
        ReadOnlySpan<byte> batch = s_buffer.AsSpan(0, _length);
        _length = 0;
        while (!batch.IsEmpty && _file is not null)
        {
            int count = FileData.TryWrite(_file, batch, out _);
            if (count < 0)
            {
                Lost++;
                return;
            }

            _torn = count < batch.Length;
            batch = batch[count..];
        }
    }

    /// <summary>Closes the file and opens its path again, after a rotation has renamed it.</summary>
    /// <exception cref="LinuxException">The path cannot be opened; the old file stays in use.</exception>
    public void Reopen()
    {
        Fd next = Open();
        _file?.Dispose();
        _file = next;
        _torn = false;
    }

    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
    }

    /// <summary>RFC 3339 in UTC with nine digits: <c>2016-10-06T00:17:09.669794200Z</c>.</summary>
    public static void FormatTimestamp(DateTimeOffset time, Span<byte> destination)
    {
        _ = Encoding.ASCII.TryGetBytes(time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z'", CultureInfo.InvariantCulture), destination, out _);
    }

    private Fd Open() => FileTree.Open(_path, OpenFlags.WriteOnly | OpenFlags.Append | OpenFlags.Create | OpenFlags.NoFollow, 0x1A0);

    private void BeginHead(ReadOnlySpan<byte> stream)
    {
        _headLength = FixedLength + stream.Length;
        Span<byte> rest = _head.AsSpan(TimestampLength, _headLength - TimestampLength);
        rest.Fill((byte)' ');
        stream.CopyTo(rest[1..]);
    }
}
