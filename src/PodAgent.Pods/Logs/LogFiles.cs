using System.IO.Compression;

namespace PodAgent.Pods.Logs;

/// <summary>The files of one attempt's log: what rotation has put aside, oldest first, and the live one.</summary>
internal static class LogFiles
{
    /// <summary>Rotated files by name, which is their time: 0.log.20060102-150405 and the same with .gz.</summary>
    public static IReadOnlyList<string> Rotated(string live)
    {
        string directory = Path.GetDirectoryName(live)!;
        return Directory.Exists(directory)
            ? [.. Directory.EnumerateFiles(directory).Where(f => f.StartsWith(live + ".", StringComparison.Ordinal) && !f.EndsWith(".tmp", StringComparison.Ordinal)).Order(StringComparer.Ordinal)]
            : [];
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
