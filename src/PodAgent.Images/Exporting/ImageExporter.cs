using System.Formats.Tar;
using System.Text.Json;
using PodAgent.Images.Content;
using PodAgent.Images.Manifests;
using PodAgent.Images.References;
using PodAgent.Linux;

namespace PodAgent.Images.Exporting;

/// <summary>
/// Writes images as a tar that is an OCI image layout and, by its <c>manifest.json</c>, docker's format, too. The same images give the same bytes.
/// </summary>
internal sealed class ImageExporter(ContentStore content, ImageLimits limits)
{
    // Above this a ustar header has no room for the size.
    private const long UstarMaxSize = (1L << 33) - 1;

    /// <summary>Writes an archive.</summary>
    /// <param name="images">Each with the names that it gets there.</param>
    /// <param name="output">Not closed.</param>
    /// <param name="ct">Ends it between files.</param>
    /// <exception cref="ContentException">A blob is damaged.</exception>
    public void Write(IReadOnlyList<(ImageRecord Image, IReadOnlyList<string> Names)> images, Stream output, CancellationToken ct)
    {
        using var tar = new TarWriter(output, TarEntryFormat.Ustar, leaveOpen: true);
        Add(tar, "oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}"u8.ToArray());
        var written = new HashSet<string>();
        var manifests = new List<(ImageRecord Image, IReadOnlyList<string> Names, byte[] Document, ImageManifest Manifest)>();
        foreach ((ImageRecord image, IReadOnlyList<string> names) in images)
        {
            byte[] document = content.Read(image.ManifestDigest, limits.MaxManifestSize);
            ImageManifest manifest = ImageManifest.Parse(document, limits, $"manifest {image.ManifestDigest}");
            manifests.Add((image, names, document, manifest));
            foreach (string digest in (string[])[image.ManifestDigest, manifest.Config.Digest, .. manifest.Layers.Select(layer => layer.Digest)])
            {
                ct.ThrowIfCancellationRequested();
                if (written.Add(digest))
                {
                    AddBlob(tar, digest);
                }
            }
        }

        Add(tar, "index.json", Json(writer =>
        {
            writer.WriteStartObject();
            writer.WriteNumber("schemaVersion"u8, 2);
            writer.WriteString("mediaType"u8, MediaTypes.OciIndex);
            writer.WriteStartArray("manifests"u8);
            foreach ((ImageRecord image, IReadOnlyList<string> names, byte[] document, _) in manifests)
            {
                foreach (string name in names)
                {
                    WriteDescriptor(writer, image, document, name);
                }

                if (names.Count == 0)
                {
                    WriteDescriptor(writer, image, document, null);
                }
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }));
        Add(tar, "manifest.json", Json(writer =>
        {
            writer.WriteStartArray();
            foreach ((_, IReadOnlyList<string> names, _, ImageManifest manifest) in manifests)
            {
                writer.WriteStartObject();
                writer.WriteString("Config"u8, BlobName(manifest.Config.Digest));
                writer.WriteStartArray("RepoTags"u8);
                foreach (string name in names)
                {
                    writer.WriteStringValue(name);
                }

                writer.WriteEndArray();
                writer.WriteStartArray("Layers"u8);
                foreach (Descriptor layer in manifest.Layers)
                {
                    writer.WriteStringValue(BlobName(layer.Digest));
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }));
    }

    private static string BlobName(string digest) => $"blobs/sha256/{Sha256Digest.Hex(digest)}";

    private static void WriteDescriptor(Utf8JsonWriter writer, ImageRecord image, byte[] document, string? name)
    {
        writer.WriteStartObject();
        writer.WriteString("mediaType"u8, ManifestDocument.TypeOf(document, "", "the manifest"));
        writer.WriteString("digest"u8, image.ManifestDigest);
        writer.WriteNumber("size"u8, document.Length);
        if (name is not null)
        {
            writer.WriteStartObject("annotations"u8);
            writer.WriteString("io.containerd.image.name"u8, name);
            writer.WriteString("org.opencontainers.image.ref.name"u8, ImageReference.Parse(name).Tag);
            writer.WriteEndObject();
        }

        writer.WriteStartObject("platform"u8);
        writer.WriteString("architecture"u8, image.Config.Architecture);
        writer.WriteString("os"u8, image.Config.OperatingSystem);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static byte[] Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            write(writer);
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void Add(TarWriter tar, string name, byte[] bytes) => Add(tar, name, new MemoryStream(bytes), bytes.Length);

    private static void Add(TarWriter tar, string name, Stream stream, long size)
    {
        TarEntry entry = size > UstarMaxSize ? new PaxTarEntry(TarEntryType.RegularFile, name) : new UstarTarEntry(TarEntryType.RegularFile, name);
        entry.Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        entry.ModificationTime = DateTimeOffset.UnixEpoch;
        entry.DataStream = stream;
        tar.WriteEntry(entry);
    }

    private void AddBlob(TarWriter tar, string digest)
    {
        using Stream blob = content.Open(digest);
        using var verified = new VerifiedBlob(blob, digest);
        Add(tar, BlobName(digest), verified, blob.Length);
        verified.Check();
    }
}
