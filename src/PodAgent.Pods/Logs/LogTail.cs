namespace PodAgent.Pods.Logs;

/// <summary>Finds the last lines of a log from its end, without reading what is before them.</summary>
internal static class LogTail
{
    private const int BlockSize = 64 * 1024;
    // Enough for the time, the stream and the tag of any line.
    private const int HeadSize = 64;

    /// <summary>The offset at which the last lines begin; 0 when there are not more.</summary>
    public static long FindStart(Stream stream, long lines) => FindStart(stream, lines, out _);

    /// <param name="stream">The log.</param>
    /// <param name="lines">How many of the container's lines.</param>
    /// <param name="found">How many there are from the returned offset on, at most <paramref name="lines"/>.</param>
    public static long FindStart(Stream stream, long lines, out long found)
    {
        found = 0;
        long end = stream.Length;
        if (lines <= 0)
        {
            return end;
        }

        byte[] block = new byte[BlockSize];
        byte[] head = new byte[HeadSize];
        // The stored line that ends at lineEnd (its newline excluded) is looked at once its start is known.
        long lineEnd = end;
        bool terminated = false;
        for (long blockEnd = end; blockEnd > 0;)
        {
            int size = (int)Math.Min(BlockSize, blockEnd);
            long blockStart = blockEnd - size;
            stream.Seek(blockStart, SeekOrigin.Begin);
            stream.ReadExactly(block, 0, size);
            for (int i = size - 1; i >= 0; i--)
            {
                if (block[i] != (byte)'\n')
                {
                    continue;
                }

                long lineStart = blockStart + i + 1;
                if (lineStart < lineEnd || terminated)
                {
                    // A stored line that ends one of the container's lines begins the count of the next.
                    if (EndsLine(stream, head, lineStart, lineEnd) || found == 0)
                    {
                        if (found == lines)
                        {
                            return NextLine(lineEnd);
                        }

                        found++;
                    }
                }

                lineEnd = blockStart + i;
                terminated = true;
            }

            blockEnd = blockStart;
        }

        if (lineEnd > 0 && (EndsLine(stream, head, 0, lineEnd) || found == 0))
        {
            if (found == lines)
            {
                return NextLine(lineEnd);
            }

            found++;
        }

        return 0;

        static long NextLine(long newline) => newline + 1;
    }

    private static bool EndsLine(Stream stream, byte[] head, long start, long end)
    {
        int size = (int)Math.Min(head.Length, end - start);
        stream.Seek(start, SeekOrigin.Begin);
        stream.ReadExactly(head, 0, size);
        return !LogLine.TryParse(head.AsSpan(0, size), out LogLine line) || !line.Partial;
    }
}
