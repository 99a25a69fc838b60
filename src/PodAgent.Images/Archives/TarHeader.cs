using System.Text;
using PodAgent.Linux;

namespace PodAgent.Images.Archives;

/// <summary>
/// One 512-byte header block as written, before extended headers are applied. Fields (offset, length): name 0,100; mode 100,8; uid 108,8;
/// gid 116,8; size 124,12; mtime 136,12; checksum 148,8; type 156,1; link 157,100; magic 257,8; major 329,8; minor 337,8; prefix 345,155.
/// </summary>
internal readonly record struct TarHeader(
    byte Type, byte[] Name, byte[] LinkName, long Mode, long Uid, long Gid, long Size, long Modified, long Major, long Minor)
{
    public const int BlockSize = 512;

    /// <summary>Reads a block whose checksum is right.</summary>
    /// <exception cref="ContentException">It is not, or a number is malformed.</exception>
    public static TarHeader Parse(ReadOnlySpan<byte> block)
    {
        long stored = Number(block.Slice(148, 8), "checksum");
        long sum = 0;
        long signedSum = 0;
        for (int i = 0; i < BlockSize; i++)
        {
            // The checksum is made with its own field blank; old writers summed signed characters.
            byte b = i is >= 148 and < 156 ? (byte)' ' : block[i];
            sum += b;
            signedSum += (sbyte)b;
        }

        if (stored != sum && stored != signedSum)
        {
            throw new ContentException(ErrorKind.DataLoss, $"tar header checksum is {sum}, expected {stored}");
        }

        byte[] name = Text(block[..100]);

        // Only POSIX ustar has the prefix field; GNU tar ("ustar  ") keeps other things there.
        if (block.Slice(257, 6).SequenceEqual("ustar\0"u8) && block[345] != 0)
        {
            name = [.. Text(block.Slice(345, 155)), (byte)'/', .. name];
        }

        bool hasDevice = block.Slice(257, 5).SequenceEqual("ustar"u8);
        return new TarHeader(
            block[156],
            name,
            Text(block.Slice(157, 100)),
            Number(block.Slice(100, 8), "mode"),
            Number(block.Slice(108, 8), "uid"),
            Number(block.Slice(116, 8), "gid"),
            Number(block.Slice(124, 12), "size"),
            Number(block.Slice(136, 12), "mtime"),
            hasDevice ? Number(block.Slice(329, 8), "device major") : 0,
            hasDevice ? Number(block.Slice(337, 8), "device minor") : 0);
    }

    private static byte[] Text(ReadOnlySpan<byte> field)
    {
        int end = field.IndexOf((byte)0);
        return (end < 0 ? field : field[..end]).ToArray();
    }

    // Octal digits padded with spaces or NULs; or, with the top bit set, a big-endian two's complement number (GNU, star).
    private static long Number(ReadOnlySpan<byte> field, string what)
    {
        if ((field[0] & 0x80) != 0)
        {
            long value = (field[0] & 0x40) != 0 ? -1 : 0;
            for (int i = 0; i < field.Length; i++)
            {
                byte b = i == 0 && value == 0 ? (byte)(field[0] & 0x7F) : field[i];
                if (value is > (long.MaxValue >> 8) or < (long.MinValue >> 8))
                {
                    throw new ContentException(ErrorKind.InvalidArgument, $"tar header: {what} is out of range");
                }

                value = (value << 8) | b;
            }

            return value;
        }

        ReadOnlySpan<byte> digits = field.Trim(" \0"u8);
        int stop = digits.IndexOfAny((byte)' ', (byte)0);
        digits = stop < 0 ? digits : digits[..stop];
        long number = 0;
        foreach (byte digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'7')
            {
                throw new ContentException(ErrorKind.InvalidArgument, $"tar header: {what} \"{Encoding.Latin1.GetString(digits)}\" is no octal number");
            }

            number = (number << 3) | (long)(digit - (byte)'0');
        }

        return number;
    }
}
