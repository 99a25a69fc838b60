using System.Buffers.Binary;

namespace PodAgent.Streaming.Spdy;

/// <summary>
/// Puts header blocks into the one zlib stream of a direction, without compressing: stored blocks (RFC 1951 section 3.2.4). Headers here
/// are a few dozen bytes, and what is not compressed leaks nothing by its length (CVE-2012-4929).
/// </summary>
internal sealed class HeaderBlockEncoder
{
    private const int MaxStored = 0xFFFF;

    private bool _begun;

    /// <summary>Blocks must be sent in the order in which they were encoded.</summary>
    public byte[] Encode(IReadOnlyCollection<KeyValuePair<string, string>> headers)
    {
        byte[] block = HeaderBlock.Write(headers);
        if (block.Length > MaxStored)
        {
            throw new ArgumentException($"headers of {block.Length} bytes are longer than {MaxStored}", nameof(headers));
        }

        using var encoded = new MemoryStream(block.Length + 12);
        if (!_begun)
        {
            // CMF and FLG of RFC 1950: deflate, 32 KiB window, no preset dictionary, since nothing refers to one.
            encoded.Write([0x78, 0x01]);
            _begun = true;
        }

        WriteStored(encoded, block);

        // An empty stored block is what a flush looks like. Go's inflate hands a block out only when it has seen the next one.
        WriteStored(encoded, []);
        return encoded.ToArray();
    }

    private static void WriteStored(MemoryStream encoded, ReadOnlySpan<byte> content)
    {
        Span<byte> head = stackalloc byte[5];
        head[0] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(head[1..], (ushort)content.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(head[3..], (ushort)~content.Length);
        encoded.Write(head);
        encoded.Write(content);
    }
}
