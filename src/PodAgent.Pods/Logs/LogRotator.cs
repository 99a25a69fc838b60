using System.Globalization;
using System.IO.Compression;

namespace PodAgent.Pods.Logs;

/// <summary>
/// Puts one container's log aside when it has grown too large, with the kubelet's names: <c>0.log.20060102-150405</c>, and the same with
/// <c>.gz</c> from the next time on. Steps:
/// <list type="number">
/// <item>what an interrupted compression left is removed;</item>
/// <item>the oldest files are removed, so that with the live one there are not too many;</item>
/// <item>what was put aside before is compressed;</item>
/// <item>the live file is renamed and the runtime opens a new one; when it does not, the name is given back.</item>
/// </list>
/// The file that was put aside last stays uncompressed: whoever writes or follows may still be at its end.
/// </summary>
internal sealed class LogRotator
{
    private const string Unfinished = ".tmp";
    private const string Compressed = ".gz";

    private readonly TimeProvider _time;
    private readonly long _maxBytes;
    private readonly int _maxFiles;

    /// <param name="time">Names the files.</param>
    /// <param name="maxBytes">A larger live file is put aside.</param>
    /// <param name="maxFiles">Files of one attempt, the live one included; at least 2.</param>
    public LogRotator(TimeProvider time, long maxBytes, int maxFiles)
    {
        _time = time;
        _maxBytes = maxBytes;
        _maxFiles = maxFiles;
    }

    public bool IsDue(string live) => new FileInfo(live) is { Exists: true } info && info.Length > _maxBytes;

    /// <param name="live">The file being written.</param>
    /// <param name="reopen">Makes the writer open it anew.</param>
    /// <exception cref="IOException">A file cannot be read, written, renamed or removed.</exception>
    public async Task RotateAsync(string live, Func<Task> reopen)
    {
        // 1
        string directory = Path.GetDirectoryName(live)!;
        foreach (string unfinished in Directory.EnumerateFiles(directory, Path.GetFileName(live) + ".*" + Unfinished))
        {
            File.Delete(unfinished);
        }

        // 2: room for the live one and the one that it becomes.
        List<string> rotated = [.. LogFiles.Rotated(live)];
        foreach (string excess in rotated.SkipLast(Math.Max(0, _maxFiles - 2)))
        {
            File.Delete(excess);
            File.Delete(excess + Compressed);
        }

        // 3
        foreach (string plain in rotated.TakeLast(Math.Max(0, _maxFiles - 2)).Where(file => !file.EndsWith(Compressed, StringComparison.Ordinal)))
        {
            Compress(plain);
        }

        // 4
        string aside = $"{live}.{_time.GetUtcNow().UtcDateTime.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture)}";
        File.Move(live, aside);
        try
        {
            await reopen();
        }
        catch
        {
            // What is written goes on going to the open file, wherever it is: under its name readers find it.
            File.Move(aside, live);
            throw;
        }
    }

    private static void Compress(string plain)
    {
        string unfinished = plain + Compressed + Unfinished;
        using (FileStream source = new(plain, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete))
        using (FileStream target = new(unfinished, FileMode.Create, FileAccess.Write))
        using (GZipStream zip = new(target, CompressionLevel.Fastest))
        {
            source.CopyTo(zip);
            File.SetUnixFileMode(target.SafeFileHandle, File.GetUnixFileMode(source.SafeFileHandle));
        }

        File.Move(unfinished, plain + Compressed, overwrite: true);
        File.Delete(plain);
    }
}
