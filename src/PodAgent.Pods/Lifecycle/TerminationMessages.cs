using System.Text;
using PodAgent.Pods.Logs;
using PodAgent.Pods.Runtime;

namespace PodAgent.Pods.Lifecycle;

/// <summary>What an ended attempt left to say: its message file, or the end of its log when the policy asks for it and it failed.</summary>
internal static class TerminationMessages
{
    public const int MaxBytes = 4096;
    private const int MaxLogBytes = 2048;
    private const int MaxLogLines = 80;

    public static string Read(ContainerRecord record, string podLogDirectory)
    {
        string message = ReadFile(record.TerminationLog);
        if (message.Length > 0)
        {
            return message;
        }

        return record.TerminationMessagePolicy == "FallbackToLogsOnError" && record.ExitCode != 0
            ? ReadLog(Path.Combine(podLogDirectory, PodDirectories.LogPath(record.Name, record.Attempt)))
            : record.Message;
    }

    private static string ReadFile(string path)
    {
        if (path.Length == 0)
        {
            return "";
        }

        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            byte[] buffer = new byte[MaxBytes];
            int count = stream.ReadAtLeast(buffer, MaxBytes, throwOnEndOfStream: false);
            return Encoding.UTF8.GetString(buffer, 0, count);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static string ReadLog(string path)
    {
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            stream.Seek(LogTail.FindStart(stream, MaxLogLines), SeekOrigin.Begin);
            List<byte> text = [];
            byte[] bytes = new byte[stream.Length - stream.Position];
            stream.ReadExactly(bytes);
            foreach (Range range in LineRanges(bytes))
            {
                if (LogLine.TryParse(bytes.AsSpan(range), out LogLine line))
                {
                    text.AddRange(line.Content(bytes.AsSpan(range)));
                    if (!line.Partial)
                    {
                        text.Add((byte)'\n');
                    }
                }
            }

            int skip = Math.Max(0, text.Count - MaxLogBytes);
            return Encoding.UTF8.GetString([.. text[skip..]]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static IEnumerable<Range> LineRanges(byte[] bytes)
    {
        int start = 0;
        while (start < bytes.Length)
        {
            int end = Array.IndexOf(bytes, (byte)'\n', start);
            end = end < 0 ? bytes.Length : end;
            yield return start..end;
            start = end + 1;
        }
    }
}
