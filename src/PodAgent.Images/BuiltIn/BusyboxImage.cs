using System.Buffers;
using System.Diagnostics;
using System.Formats.Tar;
using System.Text;
using System.Text.Json;
using PodAgent.Images.Manifests;
using PodAgent.Linux;

namespace PodAgent.Images.BuiltIn;

/// <summary>
/// A small image for trying things out without a registry, built from this machine's statically linked busybox. The same binary always
/// gives the same image.
/// </summary>
public static class BusyboxImage
{
    /// <summary>Name of the image.</summary>
    public const string Reference = "podagent.local/busybox:latest";

    private const string SearchPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private const int MaxBinarySize = 64 << 20;

    private const UnixFileMode Mode755 = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private const UnixFileMode Mode644 = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const UnixFileMode Mode1777 = Mode755 | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite | UnixFileMode.StickyBit;

    private const UnixFileMode Mode700 = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private const string Passwd = """
        root:x:0:0:root:/root:/bin/sh
        daemon:x:1:1:daemon:/usr/sbin:/bin/false
        bin:x:2:2:bin:/bin:/bin/false
        www-data:x:33:33:www-data:/var/www:/bin/false
        nobody:x:65534:65534:nobody:/home:/bin/false

        """;

    private const string Group = """
        root:x:0:
        daemon:x:1:
        bin:x:2:
        tty:x:5:
        www-data:x:33:
        users:x:100:
        nogroup:x:65534:

        """;

    private static readonly (string Path, UnixFileMode Mode)[] s_directories =
    [
        ("bin/", Mode755), ("dev/", Mode755), ("etc/", Mode755), ("home/", Mode755), ("mnt/", Mode755), ("proc/", Mode755), ("root/", Mode700),
        ("run/", Mode755), ("sys/", Mode755), ("tmp/", Mode1777), ("usr/", Mode755), ("usr/bin/", Mode755), ("usr/sbin/", Mode755), ("var/", Mode755),
        ("var/log/", Mode755), ("var/tmp/", Mode1777), ("var/www/", Mode755),
    ];

    /// <summary>Builds the image and stores it, unless the store has the one of exactly this binary.</summary>
    /// <param name="store">Where to.</param>
    /// <param name="busyboxPath">The program; executed once, to ask for its applets.</param>
    /// <param name="ct">Withdraws the request.</param>
    /// <exception cref="AgentException">FailedPrecondition: there is no usable busybox; the message tells what to install.</exception>
    public static async Task EnsureAsync(ImageStore store, string busyboxPath = "/bin/busybox", CancellationToken ct = default)
    {
        byte[] binary = await ReadBinaryAsync(busyboxPath, ct).ConfigureAwait(false);
        byte[] layer = MakeLayer(binary, await ListAppletsAsync(busyboxPath, ct).ConfigureAwait(false));
        byte[] config = MakeConfig(Sha256Digest.Of(binary), Sha256Digest.Of(layer));
        if (store.Find(Reference)?.Id == Sha256Digest.Of(config))
        {
            return;
        }

        using var archive = new MemoryStream(MakeArchive(config, layer));
        await store.ImportAsync(archive, $"built-in image {Reference}", reference: null, ct).ConfigureAwait(false);
    }

    private static async Task<byte[]> ReadBinaryAsync(string path, CancellationToken ct)
    {
        var file = new FileInfo(path);
        string? problem = !file.Exists ? "there is no such file" : file.Length > MaxBinarySize ? $"it has {file.Length} bytes" : null;
        if (problem is null)
        {
            byte[] content = await File.ReadAllBytesAsync(path, ct).ConfigureAwait(false);
            problem = ElfFile.WhyNotStatic(content);
            if (problem is null)
            {
                return content;
            }
        }

        throw new AgentException(
            ErrorKind.FailedPrecondition,
            $"cannot build image \"{Reference}\" from \"{path}\": {problem}; a statically linked busybox is needed (apt-get install busybox-static)");
    }

    // Only busybox itself knows its applets. It is this host's own program, not an image's.
    private static async Task<IReadOnlyList<string>> ListAppletsAsync(string path, CancellationToken ct)
    {
        var start = new ProcessStartInfo(path) { RedirectStandardOutput = true, UseShellExecute = false };
        start.ArgumentList.Add("--list");
        using Process process = Process.Start(start)
            ?? throw new AgentException(ErrorKind.FailedPrecondition, $"cannot build image \"{Reference}\": \"{path}\" cannot be started");
        string output = await process.StandardOutput.ReadToEndAsync(ct).ConfigureAwait(false);
        await process.WaitForExitAsync(ct).ConfigureAwait(false);
        string[] applets = [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(name => name != "busybox" && !name.Contains('/'))
            .Distinct()
            .Order(StringComparer.Ordinal)];
        return process.ExitCode == 0 && applets.Contains("sh")
            ? applets
            : throw new AgentException(
                ErrorKind.FailedPrecondition, $"cannot build image \"{Reference}\": \"{path} --list\" ended with {process.ExitCode} and named {applets.Length} applets");
    }

    private static byte[] MakeLayer(byte[] binary, IReadOnlyList<string> applets)
    {
        var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach ((string path, UnixFileMode mode) in s_directories)
            {
                writer.WriteEntry(Entry(TarEntryType.Directory, path, mode));
            }

            writer.WriteEntry(Entry(TarEntryType.RegularFile, "etc/group", Mode644, Encoding.ASCII.GetBytes(Group)));
            writer.WriteEntry(Entry(TarEntryType.RegularFile, "etc/passwd", Mode644, Encoding.ASCII.GetBytes(Passwd)));
            writer.WriteEntry(Entry(TarEntryType.RegularFile, "bin/busybox", Mode755, binary));

            // Hard links: a mount over one applet must not hit all others, as it would through symbolic links.
            foreach (string name in applets.Select(applet => $"bin/{applet}").Append("usr/bin/env"))
            {
                UstarTarEntry link = Entry(TarEntryType.HardLink, name, Mode755);
                link.LinkName = "bin/busybox";
                writer.WriteEntry(link);
            }
        }

        return tar.ToArray();
    }

    private static byte[] MakeConfig(string binaryDigest, string layerDigest)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("architecture"u8, Platform.Host.Architecture);
            writer.WriteString("os"u8, Platform.Host.OperatingSystem);
            writer.WriteStartObject("config"u8);
            Write(writer, "Cmd", "sh");
            Write(writer, "Env", SearchPath);
            writer.WriteStartObject("Labels"u8);
            writer.WriteString("podagent.busybox.digest"u8, binaryDigest);
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteStartObject("rootfs"u8);
            writer.WriteString("type"u8, "layers"u8);
            Write(writer, "diff_ids", layerDigest);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static byte[] MakeArchive(byte[] config, byte[] layer)
    {
        string configName = $"{Sha256Digest.Hex(Sha256Digest.Of(config))}.json";
        var manifest = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(manifest))
        {
            writer.WriteStartArray();
            writer.WriteStartObject();
            writer.WriteString("Config"u8, configName);
            Write(writer, "RepoTags", Reference);
            Write(writer, "Layers", "layer.tar");
            writer.WriteEndObject();
            writer.WriteEndArray();
        }

        var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, TarEntryFormat.Ustar, leaveOpen: true))
        {
            writer.WriteEntry(Entry(TarEntryType.RegularFile, "manifest.json", Mode644, manifest.WrittenSpan.ToArray()));
            writer.WriteEntry(Entry(TarEntryType.RegularFile, configName, Mode644, config));
            writer.WriteEntry(Entry(TarEntryType.RegularFile, "layer.tar", Mode644, layer));
        }

        return tar.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, string name, string onlyItem)
    {
        writer.WriteStartArray(name);
        writer.WriteStringValue(onlyItem);
        writer.WriteEndArray();
    }

    private static UstarTarEntry Entry(TarEntryType type, string name, UnixFileMode mode, byte[]? content = null)
    {
        var entry = new UstarTarEntry(type, name) { Mode = mode, ModificationTime = DateTimeOffset.UnixEpoch };
        if (content is not null)
        {
            entry.DataStream = new MemoryStream(content);
        }

        return entry;
    }
}
