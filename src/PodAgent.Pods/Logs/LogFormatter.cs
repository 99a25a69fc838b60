using System.Buffers;

namespace PodAgent.Pods.Logs;

/// <summary>Turns stored lines into what the client sees: filtered by time, with or without times, stored parts joined, cut at a limit.</summary>
internal sealed class LogFormatter
{
    private readonly LogQuery _query;
    private readonly ArrayBufferWriter<byte> _output = new();
    private long _left;
    private bool _continues;
    private bool _skipping;

    public LogFormatter(LogQuery query)
    {
        _query = query;
        _left = query.LimitBytes ?? long.MaxValue;
    }

    /// <summary>The limit has been reached.</summary>
    public bool Full => _left <= 0;

    public int Pending => _output.WrittenCount;

    /// <param name="stored">A stored line without its newline.</param>
    public void Add(ReadOnlySpan<byte> stored)
    {
        if (!LogLine.TryParse(stored, out LogLine line))
        {
            // Not ours to hide: somebody reading logs wants to know what is in the file.
            Write(stored);
            Write("\n"u8);
            return;
        }

        if (!_continues)
        {
            _skipping = _query.Since is { } since && line.UnixNanoseconds(stored) < since;
        }

        if (!_skipping)
        {
            if (_query.Timestamps && !_continues)
            {
                Write(stored[..(line.TimeLength + 1)]);
            }

            Write(line.Content(stored));
            if (!line.Partial)
            {
                Write("\n"u8);
            }
        }

        _continues = line.Partial;
    }

    public ReadOnlyMemory<byte> Take()
    {
        byte[] taken = _output.WrittenSpan.ToArray();
        _output.Clear();
        return taken;
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> fits = bytes[..(int)Math.Min(bytes.Length, Math.Max(0, _left))];
        _output.Write(fits);
        _left -= fits.Length;
    }
}
