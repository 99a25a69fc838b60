using System.Security.Cryptography;
using PodAgent.Linux;

namespace PodAgent.Images.Exporting;

/// <summary>A blob that is hashed while it is read; seekable in name only, since the tar writer wants to know its length.</summary>
internal sealed class VerifiedBlob(Stream source, string digest) : Stream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => source.Length;

    public override long Position { get => source.Position; set => throw new NotSupportedException(); }

    /// <summary>Throws when what was read is not what the digest says.</summary>
    /// <exception cref="ContentException">DataLoss.</exception>
    public void Check()
    {
        string actual = Sha256Digest.FromHash(_hash.GetHashAndReset());
        if (actual != digest)
        {
            throw new ContentException(ErrorKind.DataLoss, $"blob {digest} is damaged: its content has {actual}");
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int count = source.Read(buffer);
        _hash.AppendData(buffer[..count]);
        return count;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _hash.Dispose();
        base.Dispose(disposing);
    }
}
