using Google.Protobuf;
using PodAgent.Linux.Files;

namespace PodAgent.Pods.Events;

/// <summary>
/// Events in a file on tmpfs: length-delimited messages, appended, rewritten when the file has grown to several times what is worth
/// keeping. Written beside those who record, who wait for nothing. Best effort by design: events explain, they decide nothing, so every
/// failure is ignored and a torn end is cut off.
/// </summary>
internal sealed class EventFile : IAsyncDisposable
{
    private const int AppendsBeforeRewrite = 8000;

    private readonly Lock _lock = new();
    private readonly string _path;
    private List<Core.Event> _waiting = [];
    private bool _replace;
    private int _appended;
    private Task _writer = Task.CompletedTask;
    private bool _running;

    public EventFile(string path) => _path = path;

    /// <summary>What the last agent recorded. Call it before anything is appended.</summary>
    public IReadOnlyList<Core.Event> Load()
    {
        List<Core.Event> events = [];
        if (!File.Exists(_path))
        {
            return events;
        }

        try
        {
            using FileStream stream = File.OpenRead(_path);
            while (stream.Position < stream.Length)
            {
                events.Add(Core.Event.Parser.ParseDelimitedFrom(stream));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidProtocolBufferException)
        {
            // Torn by the end of the agent that wrote it: what was read so far is good. The next append must not follow a torn message, so it
            // rewrites the file.
            _appended = AppendsBeforeRewrite;
            return events;
        }

        _appended = events.Count;
        return events;
    }

    /// <summary>Writes an event soon. Calls take turns.</summary>
    /// <param name="recorded">The event that happened.</param>
    /// <param name="all">What a rewrite keeps, this event included.</param>
    public void Append(Core.Event recorded, IReadOnlyCollection<Core.Event> all)
    {
        lock (_lock)
        {
            if (++_appended <= AppendsBeforeRewrite)
            {
                _waiting.Add(recorded);
            }
            else
            {
                _waiting = [.. all];
                _appended = all.Count;
                _replace = true;
            }

            if (!_running)
            {
                _running = true;
                _writer = Task.Run(WriteAll);
            }
        }
    }

    /// <summary>Returns when everything is written.</summary>
    public async ValueTask DisposeAsync()
    {
        Task writer;
        lock (_lock)
        {
            writer = _writer;
        }

        await writer;
    }

    private void WriteAll()
    {
        while (true)
        {
            List<Core.Event> events;
            bool replace;
            lock (_lock)
            {
                if (_waiting.Count == 0)
                {
                    _running = false;
                    return;
                }

                (events, _waiting) = (_waiting, []);
                (replace, _replace) = (_replace, false);
            }

            Write(events, replace);
        }
    }

    private void Write(List<Core.Event> events, bool replace)
    {
        using MemoryStream content = new();
        foreach (Core.Event recorded in events)
        {
            recorded.WriteDelimitedTo(content);
        }

        ReadOnlySpan<byte> bytes = content.GetBuffer().AsSpan(0, (int)content.Length);
        try
        {
            if (replace)
            {
                AtomicFile.Write(_path, bytes);
                return;
            }

            // Without a buffer: one write, which the kernel does not tear apart.
            using FileStream stream = new(_path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
            stream.Write(bytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // See the class comment.
        }
    }
}
