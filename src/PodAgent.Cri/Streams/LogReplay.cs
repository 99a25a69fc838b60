using System.Buffers;

namespace PodAgent.Cri.Streams;

/// <summary>Sends what a container's log file holds as the output that it was: <c>time stream tag content</c>, line by line.</summary>
internal static class LogReplay
{
    /// <summary>Sends the first bytes of a log, in their order.</summary>
    /// <param name="path">The log file.</param>
    /// <param name="size">How many of its bytes count; whole entries.</param>
    /// <param name="client">Who gets it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static async Task RunAsync(string path, long size, IStreamClient client, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
        byte[] buffer = new byte[128 << 10];
        int kept = 0;
        while (size > 0)
        {
            int count = await file.ReadAsync(buffer.AsMemory(kept, (int)Math.Min(size, buffer.Length - kept)), cancellationToken).ConfigureAwait(false);
            if (count == 0)
            {
                // Rotated away in between: what is left is in the old file's name.
                return;
            }

            size -= count;
            int used = await SendAsync(buffer.AsMemory(0, kept + count), client, cancellationToken).ConfigureAwait(false);
            kept = kept + count - used;
            buffer.AsSpan(used, kept).CopyTo(buffer);
        }
    }

    // Entries of one stream that follow each other go out together.
    private static async Task<int> SendAsync(ReadOnlyMemory<byte> entries, IStreamClient client, CancellationToken cancellationToken)
    {
        var text = new ArrayBufferWriter<byte>(entries.Length);
        bool isError = false;
        int used = 0;
        int length;
        while ((length = entries.Span[used..].IndexOf((byte)'\n')) >= 0)
        {
            ReadOnlyMemory<byte> entry = entries.Slice(used, length);
            used += length + 1;
            if (!TryParse(entry.Span, out bool entryIsError, out bool partial, out int content))
            {
                continue;
            }

            if (entryIsError != isError && text.WrittenCount > 0)
            {
                await client.WriteOutputAsync(text.WrittenMemory, isError, cancellationToken).ConfigureAwait(false);
                text.ResetWrittenCount();
            }

            isError = entryIsError;
            text.Write(entry.Span[content..]);
            if (!partial)
            {
                text.Write("\n"u8);
            }
        }

        if (text.WrittenCount > 0)
        {
            await client.WriteOutputAsync(text.WrittenMemory, isError, cancellationToken).ConfigureAwait(false);
        }

        return used;
    }

    // 2016-10-06T00:17:09.669794202Z stdout F content
    private static bool TryParse(ReadOnlySpan<byte> entry, out bool isError, out bool partial, out int content)
    {
        isError = partial = false;
        content = 0;
        int stream = entry.IndexOf((byte)' ') + 1;
        if (stream == 0)
        {
            return false;
        }

        isError = entry[stream..].StartsWith("stderr "u8);
        if (!isError && !entry[stream..].StartsWith("stdout "u8))
        {
            return false;
        }

        int tag = stream + 7;
        content = tag + 2;
        partial = entry.Length > tag && entry[tag] == (byte)'P';
        return entry.Length >= content && entry[tag + 1] == (byte)' ';
    }
}
