using PodAgent.Linux;

namespace PodAgent.Images.Archives;

/// <summary>Refuses data that grows out of proportion when decompressed.</summary>
internal sealed class RatioStream(Stream plain, CountingStream compressed, ImageLimits limits, string what) : ReadOnlyStream
{
    private long _count;

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        int read;
        try
        {
            read = plain.Read(buffer);
        }
        catch (InvalidDataException e)
        {
            throw new ContentException(ErrorKind.DataLoss, $"{what}: {e.Message}", e);
        }

        _count += read;
        if (_count > limits.CompressionRatioThreshold && _count / limits.MaxCompressionRatio > compressed.Count)
        {
            throw new ContentException(
                ErrorKind.ResourceExhausted,
                $"{what} grows from {compressed.Count} to {_count} bytes when decompressed, more than {limits.MaxCompressionRatio} times");
        }

        return read;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        plain.Dispose();
        base.Dispose(disposing);
    }
}
