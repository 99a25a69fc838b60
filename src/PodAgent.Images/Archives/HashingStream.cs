using System.Security.Cryptography;
using PodAgent.Linux;

namespace PodAgent.Images.Archives;

/// <summary>Counts, bounds and hashes what is read through it.</summary>
/// <param name="source">The stream to read; not closed.</param>
/// <param name="maxLength">Bytes after which reading fails.</param>
/// <param name="what">The thing being read, for the message.</param>
internal sealed class HashingStream(Stream source, long maxLength, string what) : ReadOnlyStream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Bytes read so far.</summary>
    public long Count { get; private set; }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        int read = source.Read(buffer);
        _hash.AppendData(buffer[..read]);
        Count += read;
        if (Count > maxLength)
        {
            throw new ContentException(ErrorKind.ResourceExhausted, $"{what} exceeds {maxLength} bytes");
        }

        return read;
    }

    /// <summary>Reads to the end: a digest covers what follows a tar archive's end mark, too.</summary>
    public void Drain()
    {
        byte[] sink = new byte[64 * 1024];
        while (Read(sink) > 0)
        {
        }
    }

    /// <summary>The digest of everything read so far. Once only.</summary>
    public string Digest() => Sha256Digest.FromHash(_hash.GetHashAndReset());

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _hash.Dispose();
        base.Dispose(disposing);
    }
}
