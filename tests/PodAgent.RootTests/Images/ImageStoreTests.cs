using System.Text.Json.Nodes;
using PodAgent.Images;
using PodAgent.Linux;

namespace PodAgent.RootTests.Images;

public sealed class ImageStoreTests : ImageStoreFixture
{
    private const string OciGzip = "application/vnd.oci.image.layer.v1.tar+gzip";
    private static readonly byte[] s_layer = new TarBuilder().File("hello", "world").Build();

    private protected override ImageLimits Limits => new()
    {
        MaxLayerEntries = 200,
        MaxLayerSize = 8 << 20,
        CompressionRatioThreshold = 1 << 20,
        MaxCompressionRatio = 50,
        MaxConfigSize = 64 << 10,
    };

    [Fact]
    public async Task Import_DockerArchive_IsFoundByEveryName()
    {
        byte[] config = ArchiveBuilder.Config([s_layer], new JsonObject { ["Cmd"] = new JsonArray("sh"), ["Entrypoint"] = null, ["User"] = "1002" });

        ImageRecord image = Assert.Single(await ImportAsync(ArchiveBuilder.DockerWith("busybox:1.29", config, s_layer)));

        Assert.Equal(ArchiveBuilder.Digest(config), image.Id);
        Assert.Equal(["docker.io/library/busybox:1.29"], image.RepoTags);
        Assert.Equal([$"docker.io/library/busybox@{image.ManifestDigest}"], image.RepoDigests);
        Assert.Equal(config.Length + s_layer.Length, image.Size);
        Assert.Equal("1002", image.Config.User);
        Assert.Empty(image.Config.Entrypoint);
        foreach (string reference in (string[])[image.Id, image.Id[..20], image.Id[7..], image.Id[7..14], "busybox:1.29", "docker.io/busybox:1.29", image.RepoDigests[0], $"busybox:other@{image.ManifestDigest}"])
        {
            Assert.Equal(image.Id, Store.Find(reference)?.Id);
        }

        foreach (string reference in (string[])["busybox", "other:1.29", image.Id[7..13], "sha256:" + new string('0', 64)])
        {
            Assert.Null(Store.Find(reference));
        }

        Assert.Equal("world", File.ReadAllText($"{LayerPath(image)}/hello"));
        Assert.True(Store.Usage().Bytes > image.Size);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("gzip")]
    [InlineData("zstd")]
    public async Task Import_CompressedArchiveAndLayers_AreTheSameImage(string compression)
    {
        Func<byte[], byte[]> compress = compression switch { "gzip" => ArchiveBuilder.Gzip, "zstd" => ArchiveBuilder.Zstd, _ => content => content };

        ImageRecord image = Assert.Single(await ImportAsync(compress(ArchiveBuilder.DockerWith("a:1", ArchiveBuilder.Config([s_layer]), compress(s_layer)))));

        Assert.Equal([ArchiveBuilder.Digest(s_layer)], image.ChainIds);
        Assert.Equal("world", File.ReadAllText($"{LayerPath(image)}/hello"));
    }

    [Fact]
    public async Task Import_OciLayoutWithNestedIndex_TakesThisPlatformAndTheIndexDigest()
    {
        byte[] archive = ArchiveBuilder.Oci(
            [(s_layer, ArchiveBuilder.Gzip(s_layer), OciGzip)],
            new() { ["io.containerd.image.name"] = "registry.k8s.io/e2e/a:1", ["org.opencontainers.image.ref.name"] = "1" },
            nestedIndex: true);

        ImageRecord image = Assert.Single(await ImportAsync(archive));

        Assert.Equal(["registry.k8s.io/e2e/a:1"], image.RepoTags);
        string digest = Assert.Single(image.RepoDigests);
        Assert.NotEqual($"registry.k8s.io/e2e/a@{image.ManifestDigest}", digest);
        Assert.Equal(image.Id, Store.Find(digest)?.Id);
    }

    [Theory]
    [InlineData("org.opencontainers.image.ref.name", "latest", null, null)]
    [InlineData("org.opencontainers.image.ref.name", "latest", "named", "docker.io/library/named:latest")]
    [InlineData("org.opencontainers.image.ref.name", "example.com/a:2", "named", "example.com/a:2")]
    [InlineData("unrelated", "x", "localhost:5000/a/b:c", "localhost:5000/a/b:c")]
    public async Task Import_OciNames_ComeFromAnnotationsOrTheCaller(string annotation, string value, string? reference, string? expected)
    {
        ImageRecord image = Assert.Single(await ImportAsync(ArchiveBuilder.Oci(new() { [annotation] = value }, s_layer), reference));

        Assert.Equal(expected is null ? [] : [expected], image.RepoTags);
        Assert.NotNull(Store.Find(image.Id));
    }

    [Fact]
    public async Task Import_SameTagForAnotherImage_MovesTheTag()
    {
        ImageRecord first = Assert.Single(await ImportAsync(ArchiveBuilder.Docker("a:1", s_layer)));
        ImageRecord second = Assert.Single(await ImportAsync(ArchiveBuilder.Docker("a:1", new TarBuilder().File("other").Build())));

        await RestartAsync();

        Assert.Equal(second.Id, Store.Find("a:1")?.Id);
        Assert.Empty(Store.Find(first.Id)!.RepoTags);
        Assert.Single(Store.Find(first.Id)!.RepoDigests);
    }

    [Fact]
    public async Task Import_SharedLowerLayers_AreThereOnceAndStayWhileUsed()
    {
        byte[] own = new TarBuilder().File("own").Build();
        ImageRecord small = Assert.Single(await ImportAsync(ArchiveBuilder.Docker("small:1", s_layer)));
        ImageRecord large = Assert.Single(await ImportAsync(ArchiveBuilder.Docker("large:1", s_layer, own)));
        Assert.Equal(small.ChainIds[0], large.ChainIds[0]);
        Assert.Equal(2, Directory.GetDirectories(Path.Combine(Options.SnapshotRoot, "layers")).Length);

        await Store.RemoveAsync("large:1", CancellationToken.None);
        Assert.Equal([LayerPath(small)], Directory.GetDirectories(Path.Combine(Options.SnapshotRoot, "layers")).Select(path => path + "/fs"));
        await Store.RemoveAsync(small.Id, CancellationToken.None);
        await Store.RemoveAsync(small.Id, CancellationToken.None);

        Assert.Empty(Store.List());
        Assert.Empty(Directory.GetDirectories(Path.Combine(Options.SnapshotRoot, "layers")));
        Assert.Empty(Directory.GetFiles(Path.Combine(Options.Root, "blobs/sha256")));
        Assert.Equal(0, Store.Usage().Inodes);
    }

    [Fact]
    public async Task Import_SameImageManyTimesAtOnce_IsOneImage()
    {
        byte[] archive = ArchiveBuilder.Docker("a:1", s_layer, new TarBuilder().File("own").Build());

        IReadOnlyList<ImageRecord>[] results = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => ImportAsync(archive))));

        Assert.All(results, result => Assert.Equal(Store.Find("a:1")!.Id, Assert.Single(result).Id));
        Assert.Single(Store.List());
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(Options.SnapshotRoot, "ingest")));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(Options.Root, "ingest")));
    }

    [Fact]
    public async Task Import_EveryTruncation_LeavesNothing()
    {
        byte[] archive = ArchiveBuilder.Docker("a:1", s_layer);

        // The end mark alone may be missing; then the archive is still whole.
        for (int length = 0; length < archive.Length - 1024; length += 301)
        {
            AgentException failure = await ImportFailsAsync(archive[..length]);
            Assert.True(failure.Kind is ErrorKind.DataLoss or ErrorKind.InvalidArgument, failure.Message);
        }
    }

    [Fact]
    public async Task Import_TruncatedGzip_LeavesNothing()
    {
        byte[] archive = ArchiveBuilder.Gzip(ArchiveBuilder.Docker("a:1", s_layer));

        AgentException failure = await ImportFailsAsync(archive[..(archive.Length / 2)]);

        Assert.Equal(ErrorKind.DataLoss, failure.Kind);
    }

    [Fact]
    public async Task Import_BlobWithAnotherDigest_NamesEntryExpectedAndGot()
    {
        string changed = "";
        byte[] archive = ArchiveBuilder.Oci(
            [(s_layer, s_layer, "application/vnd.oci.image.layer.v1.tar")],
            edit: blobs =>
            {
                changed = ArchiveBuilder.Hex(s_layer);
                blobs[changed] = [.. s_layer[..^1], 1];
            });

        AgentException failure = await ImportFailsAsync(archive);

        Assert.Equal(ErrorKind.DataLoss, failure.Kind);
        Assert.Equal(
            $"cannot import \"test.tar\": entry \"blobs/sha256/{changed}\" has digest {ArchiveBuilder.Digest([.. s_layer[..^1], 1])}, expected sha256:{changed}",
            failure.Message);
    }

    [Fact]
    public async Task Import_LayerWithAnotherDiffId_NamesLayerExpectedAndGot()
    {
        byte[] other = new TarBuilder().File("other").Build();

        AgentException failure = await ImportFailsAsync(ArchiveBuilder.DockerWith("a:1", ArchiveBuilder.Config([s_layer]), other));

        Assert.Equal(ErrorKind.DataLoss, failure.Kind);
        Assert.Contains($"layer {ArchiveBuilder.Digest(other)} (entry \"0/layer.tar\")", failure.Message, StringComparison.Ordinal);
        Assert.EndsWith($"has digest {ArchiveBuilder.Digest(other)}, expected {ArchiveBuilder.Digest(s_layer)}", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_SecondLayerBad_TheFirstDoesNotStay()
    {
        AgentException failure = await ImportFailsAsync(ArchiveBuilder.Docker("a:1", s_layer, new TarBuilder().File("/evil").Build()));

        Assert.Equal(ErrorKind.InvalidArgument, failure.Kind);
        Assert.Contains("entry \"/evil\"", failure.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, ErrorKind, string> BadArchives() => new()
    {
        { "empty", ErrorKind.InvalidArgument, "neither index.json nor manifest.json" },
        { "text", ErrorKind.DataLoss, "truncated" },
        { "no image", ErrorKind.InvalidArgument, "holds no image" },
        { "missing layer", ErrorKind.DataLoss, "entry \"0/layer.tar\" is missing" },
        { "missing blob", ErrorKind.DataLoss, "is missing" },
        { "unknown media type", ErrorKind.Unimplemented, "unknown media type \"application/x-layer\"" },
        { "other platform", ErrorKind.FailedPrecondition, "is for linux/s390x, this node is linux/amd64" },
        { "layer count", ErrorKind.InvalidArgument, "has 2 diff_ids, but the image has 1 layers" },
        { "bad name", ErrorKind.InvalidArgument, "invalid image reference \"UPPER/Case\"" },
        { "too many entries", ErrorKind.ResourceExhausted, "more than 200 entries" },
        { "layer too large", ErrorKind.ResourceExhausted, "exceeds 8388608 bytes" },
        { "bomb", ErrorKind.ResourceExhausted, "more than 50 times" },
        { "config too large", ErrorKind.ResourceExhausted, "more than 65536" },
        { "too many layers", ErrorKind.ResourceExhausted, "more than 127" },
        { "xz layer", ErrorKind.Unimplemented, "compressed with xz" },
        { "entry twice", ErrorKind.InvalidArgument, "is there twice" },
        { "labels no strings", ErrorKind.InvalidArgument, "field \"Labels\"" },
        { "NUL in env", ErrorKind.InvalidArgument, "NUL" },
    };

    [Theory]
    [MemberData(nameof(BadArchives))]
    public async Task Import_BadArchive_IsRefusedWhole(string what, ErrorKind kind, string message)
    {
        byte[] zeroes = new TarBuilder().File("zero", new byte[6 << 20]).Build();
        byte[] archive = what switch
        {
            "empty" => new TarBuilder().Build(),
            "text" => "this is no archive at all"u8.ToArray(),
            "no image" => new TarBuilder().File("manifest.json", "[]").Build(),
            "missing layer" => new TarBuilder().File("c.json", ArchiveBuilder.Config([s_layer])).File("manifest.json", """[{"Config":"c.json","Layers":["0/layer.tar"]}]""").Build(),
            "missing blob" => ArchiveBuilder.Oci([(s_layer, s_layer, OciGzip)], edit: blobs => blobs.Remove(ArchiveBuilder.Hex(s_layer))),
            "unknown media type" => ArchiveBuilder.Oci([(s_layer, s_layer, "application/x-layer")]),
            "other platform" => ArchiveBuilder.Oci([(s_layer, s_layer, OciGzip)], architecture: "s390x"),
            "layer count" => ArchiveBuilder.DockerWith("a:1", ArchiveBuilder.Config([s_layer, s_layer]), s_layer),
            "bad name" => ArchiveBuilder.Docker("UPPER/Case", s_layer),
            "too many entries" => ArchiveBuilder.Docker("a:1", Enumerable.Range(0, 201).Aggregate(new TarBuilder(), (tar, i) => tar.File($"f{i}")).Build()),
            "layer too large" => ArchiveBuilder.Docker("a:1", new TarBuilder().File("big", Random(9 << 20)).Build()),
            "bomb" => ArchiveBuilder.DockerWith("a:1", ArchiveBuilder.Config([zeroes]), ArchiveBuilder.Gzip(zeroes)),
            "config too large" => ArchiveBuilder.DockerWith("a:1", [.. ArchiveBuilder.Config([s_layer]), .. new string(' ', 70_000).Select(c => (byte)c)], s_layer),
            "too many layers" => ArchiveBuilder.Docker("a:1", [.. Enumerable.Repeat(s_layer, 128)]),
            "xz layer" => ArchiveBuilder.Docker("a:1", [0xFD, .. "7zXZ\0rest of it"u8]),
            "entry twice" => new TarBuilder().File("x", "1").File("./x", "2").Build(),
            "labels no strings" => ArchiveBuilder.DockerWith("a:1", ArchiveBuilder.Config([s_layer], new JsonObject { ["Labels"] = new JsonObject { ["a"] = 1 } }), s_layer),
            _ => ArchiveBuilder.DockerWith("a:1", ArchiveBuilder.Config([s_layer], new JsonObject { ["Env"] = new JsonArray("A=\0") }), s_layer),
        };

        AgentException failure = await ImportFailsAsync(archive);

        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
        Assert.Equal(kind, failure.Kind);
    }

    [Fact]
    public async Task Import_Cancelled_LeavesNothing()
    {
        using var stop = new CancellationTokenSource();
        IReadOnlyList<string> before = Snapshot();
        var endless = new EndlessStream(ArchiveBuilder.Docker("a:1", s_layer)[..2048], stop);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.ImportAsync(endless, "endless", null, stop.Token));

        Assert.Equal(before, Snapshot());
    }

    [Fact]
    public async Task Import_SenderFails_LeavesNothing()
    {
        IReadOnlyList<string> before = Snapshot();

        AgentException failure = await Assert.ThrowsAsync<AgentException>(
            () => Store.ImportAsync(new EndlessStream(ArchiveBuilder.Docker("a:1", s_layer)[..2048], null), "broken", null, CancellationToken.None));

        Assert.Contains("the sender is gone", failure.Message, StringComparison.Ordinal);
        Assert.Equal(before, Snapshot());
    }

    [Fact]
    public async Task Open_RemainsOfACrash_AreRemoved()
    {
        ImageRecord image = Assert.Single(await ImportAsync(ArchiveBuilder.Docker("a:1", s_layer)));
        IReadOnlyList<string> before = Snapshot();
        foreach (string left in (string[])["images/ingest/x/0", "snapshots/ingest/x/fs/f", "snapshots/trash/x/f", $"images/blobs/sha256/{new string('a', 64)}", $"snapshots/layers/{new string('b', 64)}/fs/f", "images/records/x.new"])
        {
            string path = Path.Combine(Path.GetDirectoryName(Options.Root)!, left);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, "left");
        }

        await RestartAsync();

        // A blob that no image has is not trusted: it becomes the beginning of the next pull, which hashes it again.
        string partial = Path.Combine(Options.Root, "partial", new string('a', 64));
        Assert.Equal("left", File.ReadAllText(partial));
        File.Delete(partial);
        Assert.Equal(before, Snapshot());
        Assert.Equal(image.Id, Store.Find("a:1")?.Id);
    }

    [Theory]
    [InlineData("torn")]
    [InlineData("changed")]
    [InlineData("foreign")]
    [InlineData("newer")]
    public async Task Open_RecordThatCannotBeTrusted_IsSetAsideAndOthersStay(string damage)
    {
        ImageRecord bad = Assert.Single(await ImportAsync(ArchiveBuilder.Docker("bad:1", s_layer)));
        await ImportAsync(ArchiveBuilder.Docker("good:1", new TarBuilder().File("good").Build()));
        string record = Path.Combine(Options.Root, "records", bad.Id[7..]);
        byte[] content = File.ReadAllBytes(record);
        byte[] damaged = damage switch
        {
            "torn" => content[..(content.Length / 2)],
            "changed" => [.. content[..^10], (byte)'?', .. content[^9..]],
            "foreign" => "something else\n{}"u8.ToArray(),
            _ => System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(content).Replace("image 1 ", "image 9 ", StringComparison.Ordinal)),
        };
        File.WriteAllBytes(record, damaged);

        await RestartAsync();

        Assert.Null(Store.Find("bad:1"));
        Assert.NotNull(Store.Find("good:1"));
        Assert.True(File.Exists(Path.Combine(Options.Root, "damaged", bad.Id[7..])));
        Assert.Contains(Warnings, warning => warning.Contains(record, StringComparison.Ordinal));
        await ImportAsync(ArchiveBuilder.Docker("bad:1", s_layer));
        Assert.NotNull(Store.Find("bad:1"));
    }

    [Fact]
    public async Task Open_SnapshotLost_IsUnpackedAgain()
    {
        ImageRecord image = Assert.Single(await ImportAsync(ArchiveBuilder.Docker("a:1", new TarBuilder().File("lower").Build(), s_layer)));
        Directory.Delete(Path.GetDirectoryName(LayerPath(image, 1))!, recursive: true);
        File.WriteAllText(Path.Combine(Path.GetDirectoryName(LayerPath(image))!, "record"), "damaged");

        await RestartAsync();

        Assert.Equal("world", File.ReadAllText($"{LayerPath(image, 1)}/hello"));
        Assert.True(File.Exists($"{LayerPath(image)}/lower"));
    }

    [Fact]
    public async Task Open_ConfigurationDamaged_ImageIsSetAside()
    {
        ImageRecord image = Assert.Single(await ImportAsync(ArchiveBuilder.Docker("a:1", s_layer)));
        File.AppendAllText(Path.Combine(Options.Root, "blobs/sha256", image.Id[7..]), " ");

        await RestartAsync();

        Assert.Empty(Store.List());
        Assert.Contains(Warnings, warning => warning.Contains("is damaged", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Open_TwoProcesses_TheSecondIsRefused()
    {
        AgentException failure = await Assert.ThrowsAsync<AgentException>(() => ImageStore.OpenAsync(Options, CancellationToken.None));

        Assert.Equal(ErrorKind.FailedPrecondition, failure.Kind);
    }

    [Fact]
    public void Open_Always_NobodyElseMayLookInside()
    {
        Assert.Equal(0b111_000_000u, Stat(Options.Root)!.Value.Permissions);
        Assert.Equal(0b111_000_000u, Stat(Options.SnapshotRoot)!.Value.Permissions);
    }

    private static byte[] Random(int length)
    {
        byte[] content = new byte[length];
        new Random(1).NextBytes(content);
        return content;
    }

    /// <summary>Gives a beginning, then either cancels and waits for ever, or fails.</summary>
    private sealed class EndlessStream(byte[] start, CancellationTokenSource? stop) : MemoryStream(start)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int read = Read(buffer.Span);
            if (read > 0)
            {
                return read;
            }

            if (stop is null)
            {
                throw new IOException("the sender is gone");
            }

            await stop.CancelAsync();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return 0;
        }

        public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
