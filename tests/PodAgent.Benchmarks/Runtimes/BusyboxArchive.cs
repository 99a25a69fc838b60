using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;

namespace PodAgent.Benchmarks.Runtimes;

/// <summary>
/// A docker-archive with the host's static busybox, so that both runtimes run the same program. Its default command sleeps: containerd
/// uses the image for its sandboxes, too.
/// </summary>
internal static class BusyboxArchive
{
    public static void Write(string path, string reference)
    {
        byte[] layer = Layer();
        string digest = Convert.ToHexStringLower(SHA256.HashData(layer));
        byte[] config = Encoding.UTF8.GetBytes(
            $$$"""{"architecture":"amd64","os":"linux","config":{"Cmd":["/bin/busybox","sleep","2147483647"],"Env":["PATH=/bin"]},"rootfs":{"type":"layers","diff_ids":["sha256:{{{digest}}}"]}}""");
        string configName = Convert.ToHexStringLower(SHA256.HashData(config)) + ".json";
        byte[] manifest = Encoding.UTF8.GetBytes($$"""[{"Config":"{{configName}}","RepoTags":["{{reference}}"],"Layers":["layer.tar"]}]""");

        using FileStream file = File.Create(path);
        using var tar = new TarWriter(file);
        foreach ((string name, byte[] content) in new[] { (configName, config), ("layer.tar", layer), ("manifest.json", manifest) })
        {
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
        }
    }

    private static byte[] Layer()
    {
        using var memory = new MemoryStream();
        using (var tar = new TarWriter(memory, leaveOpen: true))
        {
            const UnixFileMode executable = (UnixFileMode)0b111_101_101;
            tar.WriteEntry(new UstarTarEntry(TarEntryType.Directory, "bin/") { Mode = executable });
            using FileStream busybox = File.OpenRead("/bin/busybox");
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "bin/busybox") { Mode = executable, DataStream = busybox });
            foreach (string applet in new[] { "sleep", "true", "sh" })
            {
                tar.WriteEntry(new UstarTarEntry(TarEntryType.SymbolicLink, "bin/" + applet) { LinkName = "busybox" });
            }
        }

        return memory.ToArray();
    }
}
