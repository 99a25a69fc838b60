using System.Globalization;
using System.Text;

namespace PodAgent.Benchmarks.Logs;

/// <summary>Lines that count up, so that one lost or out of order shows.</summary>
internal static class NumberedLines
{
    private const int TailLength = 4096;

    public static byte[] Make(int length, int count)
    {
        var lines = new StringBuilder();
        for (int number = 0; number < count; number++)
        {
            lines.Append(number.ToString("D7", CultureInfo.InvariantCulture).PadRight(length - 1, 'x')).Append('\n');
        }

        return Encoding.ASCII.GetBytes(lines.ToString());
    }

    /// <summary>Whether a log's last entry is this line.</summary>
    public static bool EndsWith(string log, ReadOnlySpan<byte> line)
    {
        using FileStream file = File.OpenRead(log);
        file.Seek(-Math.Min(file.Length, TailLength), SeekOrigin.End);
        byte[] tail = new byte[TailLength];
        int count = file.ReadAtLeast(tail, TailLength, throwOnEndOfStream: false);
        return tail.AsSpan(0, count).EndsWith(line);
    }

    /// <summary>Compares the content of a log's entries with what was written.</summary>
    public static void Check(string log, ReadOnlySpan<byte> lines)
    {
        ReadOnlySpan<byte> entries = File.ReadAllBytes(log);
        int number = 0;
        while (!entries.IsEmpty)
        {
            int end = entries.IndexOf((byte)'\n') + 1;
            ReadOnlySpan<byte> entry = entries[..end];

            // Time, stream, tag. A line that is written in parts has the tag P on all but the last.
            int content = 0;
            bool whole = false;
            for (int field = 0; field < 3; field++)
            {
                int space = entry[content..].IndexOf((byte)' ');
                whole = entry[content] == (byte)'F';
                content += space + 1;
            }

            ReadOnlySpan<byte> text = whole ? entry[content..] : entry[content..^1];
            if (!lines.StartsWith(text))
            {
                throw new InvalidOperationException($"entry {number} of {log} is \"{Encoding.ASCII.GetString(entry).TrimEnd()}\"");
            }

            lines = lines[text.Length..];
            entries = entries[end..];
            number++;
        }

        if (!lines.IsEmpty)
        {
            throw new InvalidOperationException($"{lines.Length} bytes are missing at the end of {log}");
        }
    }
}
