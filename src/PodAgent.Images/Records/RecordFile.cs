using System.Text;
using PodAgent.Linux;
using PodAgent.Linux.Files;

namespace PodAgent.Images.Records;

/// <summary>
/// Small state files that are either whole or not there. One header line, then the content it vouches for:
/// <c>podagent image 1 sha256:9f86...\n{...}</c> (format, version, digest of the rest).
/// </summary>
internal static class RecordFile
{
    private const int MaxSize = 16 << 20;

    /// <summary>Replaces a record.</summary>
    /// <param name="path">The file.</param>
    /// <param name="format">What it holds, one word.</param>
    /// <param name="version">Version of the format.</param>
    /// <param name="content">The content.</param>
    /// <param name="durable">Whether to survive a loss of power: waits for the disk twice.</param>
    public static void Write(string path, string format, int version, ReadOnlySpan<byte> content, bool durable)
    {
        AtomicFile.Write(path, Frame(format, version, content), durable: durable);
    }

    /// <summary>
    /// Writes a record into a directory that nobody looks at yet, and that is renamed into its place as a whole: the file itself need not be.
    /// </summary>
    public static void WriteInPending(string path, string format, int version, ReadOnlySpan<byte> content)
    {
        using Fd file = FileTree.Open(path, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.NoFollow, 0x180 /* 0600 */);
        FileData.Write(file, Frame(format, version, content), path);
    }

    /// <summary>Reads a record.</summary>
    /// <returns>The content; or null and what is wrong with the file.</returns>
    public static byte[]? TryRead(string path, string format, int version, out string? problem)
    {
        var info = new FileInfo(path);
        if (!info.Exists || info.LinkTarget is not null || info.Length > MaxSize)
        {
            problem = info.Exists ? "it is no regular file of reasonable size" : "it does not exist";
            return null;
        }

        byte[] bytes = File.ReadAllBytes(path);
        int end = bytes.AsSpan().IndexOf((byte)'\n');
        string[] header = end is < 0 or > 200 ? [] : Encoding.ASCII.GetString(bytes, 0, end).Split(' ');
        if (header.Length != 4 || header[0] != "podagent" || header[1] != format)
        {
            problem = $"it is no {format} record of podagent";
            return null;
        }

        if (header[2] != $"{version}")
        {
            problem = $"it has version {header[2]}, this program knows {version}";
            return null;
        }

        byte[] content = bytes[(end + 1)..];
        string digest = Sha256Digest.Of(content);
        problem = digest == header[3] ? null : $"it is damaged: its content has {digest}, expected {header[3]}";
        return problem is null ? content : null;
    }

    private static byte[] Frame(string format, int version, ReadOnlySpan<byte> content) =>
        [.. Encoding.ASCII.GetBytes($"podagent {format} {version} {Sha256Digest.Of(content)}\n"), .. content];

    /// <summary>Creates a directory with access for root only: images hold set-user-ID files and device nodes.</summary>
#pragma warning disable CA1416
    public static void MakeDirectory(string path) =>
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
#pragma warning restore CA1416
}
