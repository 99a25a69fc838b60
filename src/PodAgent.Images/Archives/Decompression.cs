using System.IO.Compression;
using PodAgent.Linux;
using PodAgent.Linux.Compression;

namespace PodAgent.Images.Archives;

/// <summary>Recognises compressed data by its first bytes: what a media type or a file name says is often wrong, and then nobody else minds.</summary>
internal static class Decompression
{
    private static ReadOnlySpan<byte> Gzip => [0x1F, 0x8B, 0x08];

    private static ReadOnlySpan<byte> Zstd => [0x28, 0xB5, 0x2F, 0xFD];

    private static ReadOnlySpan<byte> Bzip2 => "BZh"u8;

    private static ReadOnlySpan<byte> Xz => [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z'];

    /// <summary>The plain content of a stream, bounded by <paramref name="limits"/>' ratio. Closing it leaves <paramref name="source"/> open.</summary>
    /// <exception cref="ContentException">The compression is known but not supported.</exception>
    public static Stream Open(Stream source, ImageLimits limits, string what)
    {
        byte[] head = new byte[8];
        int length = source.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        var whole = new PrefixedStream(head.AsMemory(0, length), source);
        ReadOnlySpan<byte> start = head.AsSpan(0, length);
        if (start.StartsWith(Bzip2) || start.StartsWith(Xz))
        {
            throw new ContentException(ErrorKind.Unimplemented, $"{what} is compressed with {(start.StartsWith(Xz) ? "xz" : "bzip2")}; only gzip and zstd are supported");
        }

        bool gzip = start.StartsWith(Gzip);
        if (!gzip && !start.StartsWith(Zstd))
        {
            return whole;
        }

        var compressed = new CountingStream(whole);
        Stream plain = gzip ? new GZipStream(compressed, CompressionMode.Decompress) : new ZstdDecompressionStream(compressed);
        return new RatioStream(plain, compressed, limits, what);
    }
}
