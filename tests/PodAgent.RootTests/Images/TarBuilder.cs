using System.Globalization;
using System.Text;

namespace PodAgent.RootTests.Images;

/// <summary>Writes tar archives byte by byte, also those that no decent program would write.</summary>
internal sealed class TarBuilder
{
    private readonly MemoryStream _tar = new();

    public TarBuilder Directory(string name, int mode = 0b111_101_101, int uid = 0, int gid = 0, long modified = 1_000_000_000) =>
        Entry('5', name + "/", mode: mode, uid: uid, gid: gid, modified: modified);

    public TarBuilder File(string name, string content = "", int mode = 0b110_100_100, int uid = 0, int gid = 0, long modified = 1_000_000_000) =>
        File(name, Encoding.UTF8.GetBytes(content), mode, uid, gid, modified);

    public TarBuilder File(string name, byte[] content, int mode = 0b110_100_100, int uid = 0, int gid = 0, long modified = 1_000_000_000) =>
        Entry('0', name, content: content, mode: mode, uid: uid, gid: gid, modified: modified);

    public TarBuilder Symlink(string name, string target) => Entry('2', name, link: target, mode: 0b111_111_111);

    public TarBuilder Hardlink(string name, string target) => Entry('1', name, link: target);

    public TarBuilder CharDevice(string name, int major, int minor) => Entry('3', name, major: major, minor: minor);

    public TarBuilder Fifo(string name) => Entry('6', name);

    /// <summary>A pax header for the entry that follows; values are Latin-1, so that any byte can be written.</summary>
    public TarBuilder Pax(params (string Key, string Value)[] records)
    {
        var content = new MemoryStream();
        foreach ((string key, string value) in records)
        {
            content.Write(PaxRecord(key, value));
        }

        return Entry('x', "PaxHeaders/x", content: content.ToArray());
    }

    /// <summary>A GNU long name ('L') or long link ('K') header for the entry that follows.</summary>
    public TarBuilder GnuLong(char type, string text) => Entry(type, "././@LongLink", content: Encoding.UTF8.GetBytes(text + "\0"));

    public TarBuilder Entry(
        char type,
        string name,
        byte[]? content = null,
        string link = "",
        int mode = 0b110_100_100,
        long uid = 0,
        long gid = 0,
        long modified = 1_000_000_000,
        int major = 0,
        int minor = 0,
        long? size = null)
    {
        byte[] header = new byte[512];
        Encoding.UTF8.GetBytes(name).AsSpan(0, Math.Min(100, Encoding.UTF8.GetByteCount(name))).CopyTo(header);
        Octal(header, 100, 8, mode);
        Octal(header, 108, 8, uid);
        Octal(header, 116, 8, gid);
        Octal(header, 124, 12, size ?? content?.Length ?? 0);
        Octal(header, 136, 12, modified);
        header[156] = (byte)type;
        Encoding.UTF8.GetBytes(link).AsSpan(0, Math.Min(100, Encoding.UTF8.GetByteCount(link))).CopyTo(header.AsSpan(157));
        "ustar\0"u8.CopyTo(header.AsSpan(257));
        "00"u8.CopyTo(header.AsSpan(263));
        Octal(header, 329, 8, major);
        Octal(header, 337, 8, minor);
        Seal(header);
        _tar.Write(header);
        if (content is not null)
        {
            _tar.Write(content);
            _tar.Write(new byte[-content.Length & 511]);
        }

        return this;
    }

    public TarBuilder Raw(ReadOnlySpan<byte> bytes)
    {
        _tar.Write(bytes);
        return this;
    }

    public byte[] Build(bool endMark = true) => [.. _tar.ToArray(), .. endMark ? new byte[1024] : []];

    /// <summary>Makes a header's checksum right.</summary>
    public static void Seal(byte[] header)
    {
        header.AsSpan(148, 8).Fill((byte)' ');
        Encoding.ASCII.GetBytes(Convert.ToString(header.Sum(b => b), 8).PadLeft(6, '0') + "\0 ").CopyTo(header, 148);
    }

    private static byte[] PaxRecord(string key, string value)
    {
        int length = 0;
        for (int i = 0; i < 3; i++)
        {
            length = Encoding.Latin1.GetByteCount($"{length.ToString(CultureInfo.InvariantCulture)} {key}={value}\n");
        }

        return Encoding.Latin1.GetBytes($"{length} {key}={value}\n");
    }

    private static void Octal(byte[] header, int offset, int length, long value) =>
        Encoding.ASCII.GetBytes(Convert.ToString(value, 8).PadLeft(length - 1, '0')).CopyTo(header, offset);
}
