using System.Globalization;
using System.Text;
using PodAgent.Linux;

namespace PodAgent.Images.Archives;

/// <summary>
/// The records of one pax extended header, each <c>length key=value\n</c> with the length in decimal and counting itself:
/// <c>30 mtime=1321711775.123456789\n</c>. Values are bytes: extended attributes are binary.
/// </summary>
internal sealed class PaxRecords
{
    private const string ExtendedAttributePrefix = "SCHILY.xattr.";

    public byte[]? Path { get; private set; }

    public byte[]? LinkPath { get; private set; }

    public long? Size { get; private set; }

    public long? Uid { get; private set; }

    public long? Gid { get; private set; }

    public (long Seconds, uint Nanoseconds)? Modified { get; private set; }

    public List<KeyValuePair<string, byte[]>> ExtendedAttributes { get; } = [];

    /// <summary>Reads a header's content.</summary>
    /// <exception cref="ContentException">It does not follow the format, or describes a sparse file.</exception>
    public static PaxRecords Parse(ReadOnlySpan<byte> content)
    {
        var records = new PaxRecords();
        while (!content.IsEmpty)
        {
            int space = content.IndexOf((byte)' ');
            if (space is <= 0 or > 10
                || !int.TryParse(content[..space], NumberStyles.None, CultureInfo.InvariantCulture, out int length)
                || length <= space + 1
                || length > content.Length
                || content[length - 1] != (byte)'\n')
            {
                throw Malformed("a record's length does not fit");
            }

            ReadOnlySpan<byte> record = content[(space + 1)..(length - 1)];
            int equals = record.IndexOf((byte)'=');
            if (equals <= 0)
            {
                throw Malformed("a record has no key");
            }

            records.Add(Encoding.UTF8.GetString(record[..equals]), record[(equals + 1)..]);
            content = content[length..];
        }

        return records;
    }

    private static ContentException Malformed(string problem) => new(ErrorKind.InvalidArgument, $"malformed pax header: {problem}");

    private void Add(string key, ReadOnlySpan<byte> value)
    {
        switch (key)
        {
            case "path":
                Path = Text(value, key);
                break;
            case "linkpath":
                LinkPath = Text(value, key);
                break;
            case "size":
                Size = Number(value, key);
                break;
            case "uid":
                Uid = Number(value, key);
                break;
            case "gid":
                Gid = Number(value, key);
                break;
            case "mtime":
                Modified = Time(value);
                break;
            default:
                if (key.StartsWith(ExtendedAttributePrefix, StringComparison.Ordinal))
                {
                    ExtendedAttributes.Add(new(key[ExtendedAttributePrefix.Length..], value.ToArray()));
                }
                else if (key.StartsWith("GNU.sparse.", StringComparison.Ordinal))
                {
                    throw new ContentException(ErrorKind.Unimplemented, "sparse files in archives are not supported");
                }

                break;
        }
    }

    private static byte[] Text(ReadOnlySpan<byte> value, string key) =>
        value.Contains((byte)0) ? throw Malformed($"{key} holds a NUL byte") : value.ToArray();

    private static long Number(ReadOnlySpan<byte> value, string key) =>
        long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : throw Malformed($"{key} is no number");

    // "-1.5" is half a second before -1: the fraction of a negative time counts down, while the kernel's counts up.
    private static (long Seconds, uint Nanoseconds) Time(ReadOnlySpan<byte> value)
    {
        int dot = value.IndexOf((byte)'.');
        ReadOnlySpan<byte> whole = dot < 0 ? value : value[..dot];
        ReadOnlySpan<byte> fraction = dot < 0 ? default : value[(dot + 1)..];
        bool negative = whole.StartsWith("-"u8);
        if (!long.TryParse(whole, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long seconds) || fraction.ContainsAnyExcept("0123456789"u8))
        {
            throw Malformed("mtime is no number");
        }

        uint nanoseconds = 0;
        for (int i = 0; i < 9; i++)
        {
            nanoseconds = (nanoseconds * 10) + (i < fraction.Length ? (uint)(fraction[i] - '0') : 0);
        }

        return negative && nanoseconds > 0 ? (seconds - 1, 1_000_000_000 - nanoseconds) : (seconds, nanoseconds);
    }
}
