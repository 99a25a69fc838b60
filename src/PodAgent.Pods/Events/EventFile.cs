using Google.Protobuf;
using PodAgent.Linux.Files;

namespace PodAgent.Pods.Events;

/// <summary>
/// Events in a file on tmpfs: length-delimited messages, appended, rewritten when the file has grown to several times what is worth
/// keeping. Best effort by design: events explain, they decide nothing, so every failure is ignored and a torn end is cut off.
/// </summary>
internal sealed class EventFile
{
    private const int AppendsBeforeRewrite = 8000;

    private readonly string _path;
    private int _appended;

    public EventFile(string path) => _path = path;

    public IReadOnlyList<Core.Event> Load()
    {
        List<Core.Event> events = [];
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
            // Absent, or torn by the end of the agent that wrote it: what was read so far is good. The next append must not follow a torn
            // message, so it rewrites the file.
            _appended = e is FileNotFoundException or DirectoryNotFoundException ? 0 : AppendsBeforeRewrite;
            return events;
        }

        _appended = events.Count;
        return events;
    }

    /// <param name="recorded">The event that happened.</param>
    /// <param name="all">What a rewrite keeps.</param>
    public void Append(Core.Event recorded, IEnumerable<Core.Event> all)
    {
        try
        {
            if (++_appended <= AppendsBeforeRewrite)
            {
                using FileStream stream = new(_path, FileMode.Append, FileAccess.Write);
                recorded.WriteDelimitedTo(stream);
                return;
            }

            using MemoryStream content = new();
            _appended = 0;
            foreach (Core.Event kept in all)
            {
                kept.WriteDelimitedTo(content);
                _appended++;
            }

            AtomicFile.Write(_path, content.GetBuffer().AsSpan(0, (int)content.Length));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // See the class comment.
        }
    }
}
