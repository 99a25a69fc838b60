namespace PodAgent.Containers.Logs;

/// <summary>
/// Splits one output stream into the entries of a CRI log (KEP 2371, kubelet's reader): <c>time stream tag content</c>, tag F for a whole
/// line, P for a part of one that is longer than 16 KiB. Content is bytes; nothing is assumed about its encoding.
/// </summary>
internal sealed class CriLogStream(string name)
{
    /// <summary>The longest content of an entry, in bytes. A line of exactly this length is still one whole entry.</summary>
    public const int MaxContent = 16 * 1024;

    private readonly byte[] _name = System.Text.Encoding.ASCII.GetBytes(name);
    private byte[]? _pending;
    private int _length;

    /// <summary>The part of an unfinished line that no entry has yet.</summary>
    public ReadOnlySpan<byte> Pending => _pending.AsSpan(0, _length);

    /// <summary>Takes what was read and hands every complete entry to the sink; the rest waits for its line to end.</summary>
    public void Append(ReadOnlySpan<byte> data, ICriLogSink sink)
    {
        while (!data.IsEmpty)
        {
            int newline = data.IndexOf((byte)'\n');
            ReadOnlySpan<byte> segment = newline < 0 ? data : data[..newline];
            while (_length + segment.Length > MaxContent)
            {
                int taken = MaxContent - _length;
                Emit(sink, partial: true, segment[..taken]);
                segment = segment[taken..];
            }

            if (newline < 0)
            {
                Keep(segment);
                return;
            }

            Emit(sink, partial: false, segment);
            data = data[(newline + 1)..];
        }
    }

    /// <summary>Emits a last line that has no newline.</summary>
    public void Complete(ICriLogSink sink)
    {
        if (_length > 0)
        {
            Emit(sink, partial: false, []);
        }

        _pending = null;
    }

    private void Keep(ReadOnlySpan<byte> segment)
    {
        if (segment.IsEmpty)
        {
            return;
        }

        // Most streams never leave more than a short line behind: grow with need.
        int needed = _length + segment.Length;
        if (_pending is null || _pending.Length < needed)
        {
            Array.Resize(ref _pending, Math.Min(MaxContent, Math.Max(256, needed * 2)));
        }

        segment.CopyTo(_pending.AsSpan(_length));
        _length = needed;
    }

    private void Emit(ICriLogSink sink, bool partial, ReadOnlySpan<byte> tail)
    {
        sink.Entry(_name, partial, _pending.AsSpan(0, _length), tail);
        _length = 0;
    }
}
