namespace PodAgent.Images.Archives;

/// <summary>Counts what is read through it.</summary>
internal sealed class CountingStream(Stream source) : ReadOnlyStream
{
    /// <summary>Bytes read so far.</summary>
    public long Count { get; private set; }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        int read = source.Read(buffer);
        Count += read;
        return read;
    }
}
