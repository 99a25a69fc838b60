using System.Buffers.Binary;
using System.IO.Compression;

namespace PodAgent.Streaming.Spdy;

/// <summary>Reads header blocks out of the one zlib stream of a direction.</summary>
/// <remarks>
/// The framework's inflater takes no preset dictionary. A dictionary is nothing but what the window holds before the first byte, and a
/// stored block with the dictionary's text puts exactly that there: it is fed first, and its output dropped.
/// </remarks>
internal sealed class HeaderBlockDecoder : IDisposable
{
    private const int ZlibHeader = 2;
    private const int DictionaryFlag = 0x20;

    private readonly int _limit;
    private readonly Feed _feed = new();
    private DeflateStream? _inflater;

    /// <param name="limit">The most that one block may inflate to, in bytes.</param>
    public HeaderBlockDecoder(int limit) => _limit = limit;

    /// <exception cref="SpdyProtocolException">Not a zlib stream, another dictionary, too much, or no header block.</exception>
    public Dictionary<string, string> Decode(byte[] compressed)
    {
        int offset = _inflater is null ? Begin(compressed) : 0;
        _feed.Give(compressed.AsMemory(offset));
        return HeaderBlock.Read(Inflate());
    }

    public void Dispose() => _inflater?.Dispose();

    private int Begin(ReadOnlySpan<byte> compressed)
    {
        if (compressed.Length < ZlibHeader || (compressed[0] & 0x0F) != 8 || BinaryPrimitives.ReadUInt16BigEndian(compressed) % 31 != 0)
        {
            throw new SpdyProtocolException("the first header block does not begin a zlib stream");
        }

        int length = ZlibHeader;
        if ((compressed[1] & DictionaryFlag) != 0)
        {
            length += 4;
            if (compressed.Length < length || BinaryPrimitives.ReadUInt32BigEndian(compressed[ZlibHeader..]) != HeaderDictionary.Id)
            {
                throw new SpdyProtocolException("header blocks are compressed with an unknown dictionary");
            }
        }

        byte[] dictionary = HeaderDictionary.Bytes;
        byte[] stored = new byte[5 + dictionary.Length];
        BinaryPrimitives.WriteUInt16LittleEndian(stored.AsSpan(1), (ushort)dictionary.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(stored.AsSpan(3), (ushort)~dictionary.Length);
        dictionary.CopyTo(stored, 5);
        _inflater = new DeflateStream(_feed, CompressionMode.Decompress);
        _feed.Give(stored);
        _inflater.ReadExactly(new byte[dictionary.Length]);
        return length;
    }

    private byte[] Inflate()
    {
        using var inflated = new MemoryStream();
        byte[] chunk = new byte[1024];
        try
        {
            int count;
            while ((count = _inflater!.Read(chunk)) > 0)
            {
                inflated.Write(chunk, 0, count);
                if (inflated.Length > _limit)
                {
                    throw new SpdyProtocolException($"header block inflates to more than {_limit} bytes");
                }
            }
        }
        catch (InvalidDataException cause)
        {
            throw new SpdyProtocolException($"header block cannot be inflated: {cause.Message}");
        }

        return inflated.ToArray();
    }

    /// <summary>What was given and no more; its end is not the end of the zlib stream, and the inflater asks again next time.</summary>
    private sealed class Feed : Stream
    {
        private ReadOnlyMemory<byte> _rest;

        public override bool CanRead => true;

        public override bool CanWrite => false;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public void Give(ReadOnlyMemory<byte> bytes) => _rest = bytes;

        public override int Read(Span<byte> buffer)
        {
            int count = Math.Min(buffer.Length, _rest.Length);
            _rest.Span[..count].CopyTo(buffer);
            _rest = _rest[count..];
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
