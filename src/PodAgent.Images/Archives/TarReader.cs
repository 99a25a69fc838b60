using System.Text;
using PodAgent.Linux;

namespace PodAgent.Images.Archives;

/// <summary>
/// Reads a tar stream front to back: ustar, pax and GNU long names. Own code because the framework's reader decodes extended attributes as
/// text, which destroys <c>security.capability</c>, and loses names that are not UTF-8.
/// </summary>
/// <param name="stream">Positioned at the first header; not closed.</param>
/// <param name="maxEntries">Entries after which the archive is refused.</param>
internal sealed class TarReader(Stream stream, int maxEntries)
{
    // PATH_MAX bounds what a name can be good for; attributes of one file together fit in the rest.
    private const int MaxExtendedHeader = 1 << 20;
    private readonly byte[] _block = new byte[TarHeader.BlockSize];
    private long _remaining;
    private int _padding;
    private int _entries;
    private bool _ended;
    private bool _isTar;

    /// <summary>The next entry, skipping what is left of the last one; null after the last.</summary>
    /// <exception cref="ContentException">The archive is truncated, malformed, or has too many entries.</exception>
    public TarEntry? Next()
    {
        Skip(_remaining + _padding);
        _remaining = 0;
        _padding = 0;
        PaxRecords? pax = null;
        byte[]? longName = null;
        byte[]? longLink = null;
        while (!_ended && ReadHeaderBlock())
        {
            TarHeader header = ParseHeader();
            switch (header.Type)
            {
                case (byte)'x':
                    pax = PaxRecords.Parse(ReadExtended(header));
                    break;
                case (byte)'g':
                    // Defaults for all entries that follow; image tools put only comments there, and containerd ignores it as well.
                    PaxRecords.Parse(ReadExtended(header));
                    break;
                case (byte)'L':
                    longName = Unterminated(ReadExtended(header));
                    break;
                case (byte)'K':
                    longLink = Unterminated(ReadExtended(header));
                    break;
                default:
                    if (++_entries > maxEntries)
                    {
                        throw new ContentException(ErrorKind.ResourceExhausted, $"the archive has more than {maxEntries} entries");
                    }

                    return Complete(header, pax, longName, longLink);
            }
        }

        return pax is null && longName is null && longLink is null
            ? null
            : throw new ContentException(ErrorKind.DataLoss, "the archive ends after an extended header");
    }

    /// <summary>Reads content of the current entry; 0 at its end.</summary>
    /// <exception cref="ContentException">The archive ends before.</exception>
    public int Read(Span<byte> buffer)
    {
        if (_remaining == 0 || buffer.IsEmpty)
        {
            return 0;
        }

        int read = stream.Read(buffer[..(int)Math.Min(buffer.Length, _remaining)]);
        if (read == 0)
        {
            throw Truncated();
        }

        _remaining -= read;
        return read;
    }

    /// <summary>All content of the current entry, whose size the caller has checked.</summary>
    /// <exception cref="ContentException">The archive ends before.</exception>
    public byte[] ReadAll()
    {
        byte[] content = new byte[_remaining];
        for (int done = 0; done < content.Length;)
        {
            done += Read(content.AsSpan(done));
        }

        return content;
    }

    private static ContentException Truncated() => new(ErrorKind.DataLoss, "the archive is truncated");

    private static byte[] Unterminated(byte[] name)
    {
        int end = Array.IndexOf(name, (byte)0);
        return end < 0 ? name : name[..end];
    }

    private TarEntry Complete(TarHeader header, PaxRecords? pax, byte[]? longName, byte[]? longLink)
    {
        byte[] name = pax?.Path ?? longName ?? header.Name;
        string display = Encoding.UTF8.GetString(name);
        TarEntryType type = header.Type switch
        {
            // Before POSIX a directory was a file whose name ends in a slash; '7' is a file laid out contiguously.
            0 or (byte)'0' or (byte)'7' => name.Length > 0 && name[^1] == '/' ? TarEntryType.Directory : TarEntryType.Regular,
            >= (byte)'1' and <= (byte)'6' => (TarEntryType)header.Type,
            (byte)'S' => throw new ContentException(ErrorKind.Unimplemented, $"entry \"{display}\": sparse files in archives are not supported"),
            _ => throw new ContentException(ErrorKind.InvalidArgument, $"entry \"{display}\": unknown tar entry type '{(char)header.Type}'"),
        };

        long size = pax?.Size ?? header.Size;
        if (size < 0)
        {
            throw new ContentException(ErrorKind.InvalidArgument, $"entry \"{display}\": negative size");
        }

        // Other types may state a size without content behind it (pax, "ustar interchange format").
        _remaining = type == TarEntryType.Regular ? size : 0;
        _padding = Padding(_remaining);
        (long Seconds, uint Nanoseconds) modified = pax?.Modified ?? (header.Modified, 0);
        return new TarEntry
        {
            Type = type,
            Name = name,
            LinkName = pax?.LinkPath ?? longLink ?? header.LinkName,
            Size = _remaining,
            Permissions = (uint)(header.Mode & 0xFFF),
            Uid = Owner(pax?.Uid ?? header.Uid, display, "uid"),
            Gid = Owner(pax?.Gid ?? header.Gid, display, "gid"),
            ModifiedSeconds = modified.Seconds,
            ModifiedNanoseconds = modified.Nanoseconds,
            DeviceMajor = Device(header.Major, display, 0xFFF),
            DeviceMinor = Device(header.Minor, display, 0xFFFFF),
            ExtendedAttributes = pax?.ExtendedAttributes ?? [],
        };
    }

    // The all-ones ID means "leave unchanged" to chown(2).
    private static uint Owner(long id, string name, string what) =>
        id is >= 0 and < uint.MaxValue ? (uint)id : throw new ContentException(ErrorKind.InvalidArgument, $"entry \"{name}\": {what} {id} is out of range");

    private static uint Device(long number, string name, long max) =>
        number >= 0 && number <= max ? (uint)number : throw new ContentException(ErrorKind.InvalidArgument, $"entry \"{name}\": device number {number} is out of range");

    private static int Padding(long size) => (int)(-size & (TarHeader.BlockSize - 1));

    private TarHeader ParseHeader()
    {
        try
        {
            TarHeader header = TarHeader.Parse(_block);
            _isTar = true;
            return header;
        }
        catch (ContentException malformed) when (!_isTar && !_block.AsSpan(257, 5).SequenceEqual("ustar"u8))
        {
            // Whoever passes a wrong file is not helped by what its first bytes would mean as a header; a damaged tar keeps its own words.
            throw new ContentException(ErrorKind.InvalidArgument, "not a tar archive", malformed);
        }
    }

    // False at the end: two blocks of zeroes, or (as many writers do) just the end of the stream between two entries.
    private bool ReadHeaderBlock()
    {
        int read = ReadBlock();
        if (read == 0)
        {
            _ended = true;
            return false;
        }

        if (_block.AsSpan().ContainsAnyExcept((byte)0))
        {
            return true;
        }

        ReadBlock();
        _ended = true;
        return _block.AsSpan().ContainsAnyExcept((byte)0)
            ? throw new ContentException(ErrorKind.InvalidArgument, "the archive has a single block of zeroes between two entries")
            : false;
    }

    private int ReadBlock()
    {
        int read = stream.ReadAtLeast(_block, _block.Length, throwOnEndOfStream: false);
        return read == 0 || read == _block.Length ? read : throw Truncated();
    }

    private byte[] ReadExtended(TarHeader header)
    {
        if (header.Size is < 0 or > MaxExtendedHeader)
        {
            throw new ContentException(ErrorKind.ResourceExhausted, $"an extended tar header of {header.Size} bytes exceeds {MaxExtendedHeader}");
        }

        byte[] content = new byte[header.Size];
        if (stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false) < content.Length)
        {
            throw Truncated();
        }

        Skip(Padding(header.Size));
        return content;
    }

    private void Skip(long count)
    {
        byte[] sink = count > _block.Length ? new byte[Math.Min(count, 64 * 1024)] : _block;
        while (count > 0)
        {
            int read = stream.Read(sink, 0, (int)Math.Min(count, sink.Length));
            if (read == 0)
            {
                throw Truncated();
            }

            count -= read;
        }
    }
}
