using System.IO.Compression;
using PodAgent.Linux.Files;

namespace PodAgent.Pods.Logs;

/// <summary>The files of one attempt's log: what rotation has put aside, oldest first, and the live one.</summary>
internal static class LogFiles
{
    /// <summary>Rotated files by name, which is their time: 0.log.20060102-150405 and the same with .gz; each content once.</summary>
    public static IReadOnlyList<string> Rotated(string live)
    {
        string directory = Path.GetDirectoryName(live)!;
        if (!Directory.Exists(directory))
        {
            return [];
        }

        HashSet<string> files = [.. Directory.EnumerateFiles(directory).Where(f => f.StartsWith(live + ".", StringComparison.Ordinal) && !f.EndsWith(".tmp", StringComparison.Ordinal))];
        // Between the end of a compression and the removal of its source there are both.
        return [.. files.Where(file => !files.Contains(file + ".gz")).Order(StringComparer.Ordinal)];
    }

    /// <summary>Whether a rotated file is the live one as it was opened a moment ago.</summary>
    public static bool IsSame(Stream? live, Stream rotated)
    {
        return live is FileStream left && rotated is FileStream right && Identity(left) is { } identity && identity == Identity(right);

        static (ulong, ulong)? Identity(FileStream stream) =>
            FileTree.TryStatus($"/proc/self/fd/{stream.SafeFileHandle.DangerousGetHandle()}") is { } status ? ((ulong)status.Device, (ulong)status.Inode) : null;
    }

    /// <summary>Opens for seeking; null when rotation has removed the file meanwhile.</summary>
    public static Stream? TryOpen(string file)
    {
        try
        {
            FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (!file.EndsWith(".gz", StringComparison.Ordinal))
            {
                return stream;
            }

            using GZipStream unzip = new(stream, CompressionMode.Decompress);
            MemoryStream content = new();
            unzip.CopyTo(content);
            content.Position = 0;
            return content;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
