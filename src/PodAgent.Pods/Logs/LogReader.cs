using PodAgent.Linux.Events;
using PodAgent.Pods.Sources;

namespace PodAgent.Pods.Logs;

/// <summary>
/// Reads and follows one attempt's log. Following is driven by inotify: on each change what is new is read; when the live file has been
/// rotated away, the rest of the old one is read before the new one, so no line is lost or doubled.
/// </summary>
internal sealed class LogReader
{
    private const int ReadSize = 64 * 1024;

    private readonly DirectoryWatcher _watcher;

    public LogReader(DirectoryWatcher watcher) => _watcher = watcher;

    public async Task ReadAsync(LogQuery query, Func<ReadOnlyMemory<byte>, Task> emit, CancellationToken ct)
    {
        LogFormatter formatter = new(query);
        using SemaphoreSlim changed = new(0, 1);
        using IDisposable? subscription = query.FollowUntil is null ? null : Subscribe(query.File, changed);

        Stream? live = LogFiles.TryOpen(query.File);
        try
        {
            await ReadStoredAsync(query, live, formatter, emit, ct);
            if (query.FollowUntil is not null)
            {
                live = await FollowAsync(query, live, formatter, emit, changed, ct);
            }
        }
        finally
        {
            if (live is not null)
            {
                await live.DisposeAsync();
            }
        }
    }

    private IDisposable? Subscribe(string file, SemaphoreSlim changed)
    {
        string name = Path.GetFileName(file);
        string directory = Path.GetDirectoryName(file)!;
        return Directory.Exists(directory) ? _watcher.Subscribe(directory, OnEvent) : null;

        void OnEvent(FileEvent e)
        {
            if (e.Name.StartsWith(name, StringComparison.Ordinal) || e.Events.HasFlag(FileEvents.Overflow))
            {
                Release(changed);
            }
        }
    }

    private static async Task ReadStoredAsync(
        LogQuery query, Stream? live, LogFormatter formatter, Func<ReadOnlyMemory<byte>, Task> emit, CancellationToken ct)
    {
        long wanted = query.TailLines ?? long.MaxValue;
        long found = 0;
        if (live is not null && query.TailLines is not null)
        {
            live.Position = LogTail.FindStart(live, wanted, out found);
        }

        // Older files, from the newest backwards, as far as the tail reaches; then forwards.
        Stack<Stream> older = new();
        try
        {
            foreach (string file in LogFiles.Rotated(query.File).Reverse())
            {
                if (found >= wanted)
                {
                    break;
                }

                // One that is gone was compressed a moment ago, or was the oldest.
                Stream? stream = LogFiles.TryOpen(file) ?? LogFiles.TryOpen(file + ".gz");
                if (stream is null)
                {
                    continue;
                }

                if (LogFiles.IsSame(live, stream))
                {
                    // Put aside between the opening of the live file and the listing: it is read once, as the live one.
                    await stream.DisposeAsync();
                    continue;
                }

                older.Push(stream);
                if (query.TailLines is not null)
                {
                    stream.Position = LogTail.FindStart(stream, wanted - found, out long here);
                    found += here;
                }
            }

            foreach (Stream stream in older)
            {
                await DrainAsync(stream, formatter, emit, ct);
            }
        }
        finally
        {
            foreach (Stream stream in older)
            {
                await stream.DisposeAsync();
            }
        }

        if (live is not null)
        {
            await DrainAsync(live, formatter, emit, ct);
        }

        await FlushAsync(formatter, emit);
    }

    private static async Task<Stream?> FollowAsync(
        LogQuery query, Stream? live, LogFormatter formatter, Func<ReadOnlyMemory<byte>, Task> emit, SemaphoreSlim changed, CancellationToken ct)
    {
        _ = query.FollowUntil!.ContinueWith(_ => Release(changed), ct, TaskContinuationOptions.None, TaskScheduler.Default);
        while (!formatter.Full)
        {
            // In this order: what was written before the end is in the file when the end is known.
            bool ended = query.FollowUntil.IsCompleted;
            if (live is not null)
            {
                await DrainAsync(live, formatter, emit, ct);
            }

            if (live is null || IsReplaced(live, query.File))
            {
                Stream? next = LogFiles.TryOpen(query.File);
                if (next is not null)
                {
                    if (live is not null)
                    {
                        // The writer has moved on to the new file: only now is the old one complete.
                        await DrainAsync(live, formatter, emit, ct);
                        await live.DisposeAsync();
                    }

                    live = next;
                    continue;
                }
            }

            await FlushAsync(formatter, emit);
            if (ended)
            {
                break;
            }

            await changed.WaitAsync(ct);
        }

        return live;
    }

    // The open file keeps its inode when it is renamed away; the path then has another one, or none yet.
    private static bool IsReplaced(Stream live, string path)
    {
        if (live is not FileStream open)
        {
            return true;
        }

        PodAgent.Linux.Files.FileStatus? named = PodAgent.Linux.Files.FileTree.TryStatus(path);
        PodAgent.Linux.Files.FileStatus? held = PodAgent.Linux.Files.FileTree.TryStatus($"/proc/self/fd/{open.SafeFileHandle.DangerousGetHandle()}");
        return named is { } now && held is { } then && (now.Inode != then.Inode || now.Device != then.Device);
    }

    /// <summary>Reads whole stored lines to the end; an unfinished last one stays unread.</summary>
    private static async Task DrainAsync(Stream stream, LogFormatter formatter, Func<ReadOnlyMemory<byte>, Task> emit, CancellationToken ct)
    {
        byte[] buffer = new byte[ReadSize];
        int filled = 0;
        while (!formatter.Full)
        {
            int read = await stream.ReadAsync(buffer.AsMemory(filled), ct);
            filled += read;
            int used = AddLines(buffer.AsSpan(0, filled), formatter);
            buffer.AsSpan(used, filled - used).CopyTo(buffer);
            filled -= used;
            if (formatter.Pending >= ReadSize / 2)
            {
                await FlushAsync(formatter, emit);
            }

            if (read == 0)
            {
                stream.Seek(-filled, SeekOrigin.Current);
                break;
            }

            if (filled == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }
        }
    }

    private static int AddLines(ReadOnlySpan<byte> bytes, LogFormatter formatter)
    {
        int used = 0;
        while (!formatter.Full)
        {
            int end = bytes[used..].IndexOf((byte)'\n');
            if (end < 0)
            {
                break;
            }

            formatter.Add(bytes.Slice(used, end));
            used += end + 1;
        }

        return used;
    }

    private static Task FlushAsync(LogFormatter formatter, Func<ReadOnlyMemory<byte>, Task> emit) =>
        formatter.Pending == 0 ? Task.CompletedTask : emit(formatter.Take());

    private static void Release(SemaphoreSlim signal)
    {
        lock (signal)
        {
            try
            {
                if (signal.CurrentCount == 0)
                {
                    signal.Release();
                }
            }
            catch (ObjectDisposedException)
            {
                // The reader has left while the event was on its way.
            }
        }
    }
}
