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

    // One buffer for the whole process: batches of different files never overlap in time.
    private static byte[]? s_buffer;

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly byte[] _timestamp = new byte[TimestampLength];
    private Fd? _file;
    private int _length;
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
        s_buffer ??= new byte[48 * 1024];
        FormatTimestamp(_time.GetUtcNow(), _timestamp);
        _length = 0;
        if (_torn)
        {
            // A write that ran out of space left half an entry.
            s_buffer[_length++] = (byte)'\n';
        }
    }

    public void Entry(ReadOnlySpan<byte> stream, bool partial, ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail)
    {
        byte[] buffer = s_buffer!;
        int size = TimestampLength + 1 + stream.Length + 3 + head.Length + tail.Length + 1;
        if (buffer.Length - _length < size)
        {
            End();
        }

        Put(_timestamp);
        buffer[_length++] = (byte)' ';
        Put(stream);
        buffer[_length++] = (byte)' ';
        buffer[_length++] = partial ? (byte)'P' : (byte)'F';
        buffer[_length++] = (byte)' ';
        Put(head);
        Put(tail);
        buffer[_length++] = (byte)'\n';
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

    private void Put(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(s_buffer.AsSpan(_length));
        _length += bytes.Length;
    }
}
