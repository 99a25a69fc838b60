using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace PodAgent.Benchmarks.Images;

/// <summary>An image of about 200 MB in four gzip layers, as compressible as programs and their data are. The lowest layer has busybox, to look inside.</summary>
/// <param name="Name">Repository and tag.</param>
/// <param name="FilesPerLayer">How many files each layer has.</param>
/// <param name="FileSize">Their mean size.</param>
internal sealed record SampleImage(string Name, int FilesPerLayer, int FileSize)
{
    private const int Layers = 4;
    private const int FilesPerDirectory = 100;
    private const UnixFileMode FileMode = (UnixFileMode)0b110_100_100;
    private const UnixFileMode ExecutableMode = (UnixFileMode)0b111_101_101;

    public static SampleImage ManySmallFiles { get; } = new("bench/small", 5000, 10_000);

    public static SampleImage FewBigFiles { get; } = new("bench/big", 1, 50_000_000);

    public int Files => Layers * FilesPerLayer;

    /// <summary>Makes it and stores it in a registry.</summary>
    /// <returns>The digests of its layers, and the bytes that they unpack to.</returns>
    public async Task<(IReadOnlyList<string> Layers, long Bytes)> PushAsync(DockerRegistry registry)
    {
        var digests = new List<string>();
        var descriptors = new List<string>();
        var diffIds = new List<string>();
        long bytes = 0;
        var random = new Random(FileSize);
        for (int layer = 0; layer < Layers; layer++)
        {
            byte[] tar = Layer(layer, random);
            byte[] blob = Compress(tar);
            string digest = await registry.PushBlobAsync(Name, blob);
            digests.Add(digest);
            diffIds.Add($"\"sha256:{Convert.ToHexStringLower(SHA256.HashData(tar))}\"");
            descriptors.Add(Descriptor("application/vnd.oci.image.layer.v1.tar+gzip", digest, blob.Length));
            bytes += tar.Length;
        }

        byte[] config = Encoding.UTF8.GetBytes(
            $$$"""{"architecture":"amd64","os":"linux","config":{"Cmd":["/bin/busybox"]},"rootfs":{"type":"layers","diff_ids":[{{{string.Join(',', diffIds)}}}]}}""");
        string configDigest = await registry.PushBlobAsync(Name, config);
        string manifest =
            $$"""
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",
             "config":{{Descriptor("application/vnd.oci.image.config.v1+json", configDigest, config.Length)}},"layers":[{{string.Join(',', descriptors)}}]}
            """;
        await registry.PushManifestAsync(Name, "1", Encoding.UTF8.GetBytes(manifest));
        return (digests, bytes);
    }

    private static string Descriptor(string type, string digest, int size) => $$"""{"mediaType":"{{type}}","digest":"{{digest}}","size":{{size}}}""";

    private static byte[] Compress(byte[] tar)
    {
        var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Optimal))
        {
            gzip.Write(tar);
        }

        return memory.ToArray();
    }

    private byte[] Layer(int number, Random random)
    {
        var memory = new MemoryStream();
        using (var tar = new TarWriter(memory, leaveOpen: true))
        {
            if (number == 0)
            {
                tar.WriteEntry(new UstarTarEntry(TarEntryType.Directory, "bin/") { Mode = ExecutableMode });
                using FileStream busybox = File.OpenRead("/bin/busybox");
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "bin/busybox") { Mode = ExecutableMode, DataStream = busybox });
            }

            for (int file = 0; file < FilesPerLayer; file++)
            {
                string folder = $"data/{number}/{file / FilesPerDirectory}/";
                if (file % FilesPerDirectory == 0)
                {
                    tar.WriteEntry(new UstarTarEntry(TarEntryType.Directory, folder) { Mode = ExecutableMode });
                }

                byte[] content = Content(FilesPerLayer == 1 ? FileSize : random.Next(FileSize / 10, FileSize * 19 / 10), random);
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, $"{folder}file-{file:D6}.dat") { Mode = FileMode, DataStream = new MemoryStream(content) });
            }
        }

        return memory.ToArray();
    }

    // Words, some of them much more frequent than others, between stretches that do not compress: to about two fifths as a whole.
    private static byte[] Content(int size, Random random)
    {
        byte[] content = new byte[size];
        int filled = 0;
        while (filled < size)
        {
            Span<byte> rest = content.AsSpan(filled);
            if (random.Next(100) < 3)
            {
                Span<byte> noise = rest[..Math.Min(rest.Length, 64)];
                random.NextBytes(noise);
                filled += noise.Length;
            }
            else
            {
                string word = s_words[(int)(Math.Pow(random.NextDouble(), 3) * s_words.Length)];
                int length = Math.Min(word.Length, rest.Length);
                Encoding.ASCII.GetBytes(word.AsSpan(0, length), rest);
                filled += length;
            }
        }

        return content;
    }

    private static readonly string[] s_words = MakeWords();

    private static string[] MakeWords()
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, 20_000).Select(_ => new string([.. Enumerable.Range(0, random.Next(2, 11)).Select(_ => (char)random.Next('a', 'z' + 1)), ' ']))];
    }
}
