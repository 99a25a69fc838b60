using System.Text.Json.Nodes;
using PodAgent.Images;
using PodAgent.Images.Pulling;
using PodAgent.Images.Transfers;
using PodAgent.Linux;

namespace PodAgent.RootTests.Images.Registry;

/// <summary>Pulls from a registry that behaves.</summary>
public sealed class PullTests : PullFixture
{
    private static readonly byte[] s_base = new TarBuilder().Directory("etc").File("etc/base", "base").Build();
    private static readonly byte[] s_top = new TarBuilder().File("hello", "world").Build();

    [Fact]
    public async Task Pull_ByTag_IsThereByEveryName()
    {
        TestRegistry registry = NewRegistry();
        string digest = registry.Add("team/app", "1", s_base, s_top);
        var progress = new TransferProgress();

        ImageRecord image = await Store.PullAsync(new PullRequest($"{registry.Authority}/team/app:1") { Progress = progress }, default);

        Assert.Equal([$"{registry.Authority}/team/app:1"], image.RepoTags);
        Assert.Equal([$"{registry.Authority}/team/app@{digest}"], image.RepoDigests);
        Assert.Equal("world", File.ReadAllText($"{LayerPath(image, 1)}/hello"));
        Assert.Equal("base", File.ReadAllText($"{LayerPath(image)}/etc/base"));
        Assert.Equal(image.Id, Store.Find($"{registry.Authority}/team/app@{digest}")?.Id);
        Assert.All(progress.Layers(), layer => Assert.Equal((LayerState.Done, layer.Size), (layer.State, layer.Transferred)));
        Assert.Equal(2, progress.Layers().Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("+zstd")]
    public async Task Pull_OtherCompressions_AreUnpacked(string compression)
    {
        TestRegistry registry = NewRegistry();
        registry.Add("app", "1", [(s_top, compression.Length > 0 ? ArchiveBuilder.Zstd(s_top) : s_top)], "application/vnd.oci.image.layer.v1.tar" + compression);

        ImageRecord image = await PullAsync($"{registry.Authority}/app:1");

        Assert.Equal("world", File.ReadAllText($"{LayerPath(image)}/hello"));
    }

    [Fact]
    public async Task Pull_Index_KeepsTheRequestedDigest()
    {
        TestRegistry registry = NewRegistry();
        string manifest = registry.Add("app", "amd64", s_top);
        string index = registry.AddIndex("app", "1", manifest);

        ImageRecord byTag = await PullAsync($"{registry.Authority}/app:1");
        ImageRecord byDigest = await PullAsync($"{registry.Authority}/app:ignored@{index}");

        Assert.Equal(manifest, byTag.ManifestDigest);
        Assert.Equal([$"{registry.Authority}/app@{index}"], byTag.RepoDigests);
        Assert.Equal(byTag, byDigest with { ImportedAt = byTag.ImportedAt, RepoTags = byTag.RepoTags, RepoDigests = byTag.RepoDigests, Config = byTag.Config, ChainIds = byTag.ChainIds });
        Assert.Equal(byTag.RepoTags, byDigest.RepoTags);
    }

    [Fact]
    public async Task Pull_ByDigest_GivesNoTag()
    {
        TestRegistry registry = NewRegistry();
        string digest = registry.Add("app", "1", s_top);

        ImageRecord image = await PullAsync($"{registry.Authority}/app@{digest}");

        Assert.Empty(image.RepoTags);
        Assert.Equal([$"{registry.Authority}/app@{digest}"], image.RepoDigests);
    }

    [Fact]
    public async Task Pull_Again_OnlyAsksWhetherItIsCurrent()
    {
        TestRegistry registry = NewRegistry();
        registry.Add("app", "1", s_top);
        ImageRecord first = await PullAsync($"{registry.Authority}/app:1");
        registry.Requests.Clear();

        ImageRecord again = await PullAsync($"{registry.Authority}/app:1");
        string[] requests = [.. registry.Requests.Select(request => request.ToString())];
        registry.Add("app", "1", s_base);
        ImageRecord moved = await PullAsync($"{registry.Authority}/app:1");

        Assert.Equal(first.Id, again.Id);
        Assert.Equal(["HEAD /v2/app/manifests/1"], requests);
        Assert.NotEqual(first.Id, moved.Id);
        Assert.Equal(moved.Id, Store.Find($"{registry.Authority}/app:1")?.Id);
        Assert.Empty(Store.Find(first.Id)!.RepoTags);
    }

    [Fact]
    public async Task Pull_SharedLayers_AreFetchedAndUnpackedOnce()
    {
        TestRegistry registry = NewRegistry();
        registry.Add("a", "1", s_base, s_top);
        registry.Add("b", "1", s_base, new TarBuilder().File("other", "x").Build());
        ImageRecord a = await PullAsync($"{registry.Authority}/a:1");
        registry.Requests.Clear();

        ImageRecord b = await PullAsync($"{registry.Authority}/b:1");

        Assert.Equal(a.ChainIds[0], b.ChainIds[0]);
        Assert.Equal(2, registry.Seen("GET /v2/b/blobs/").Count());
    }

    [Fact]
    public async Task Pull_SameImageFromTwoRegistries_IsOneImageWithBothNames()
    {
        TestRegistry one = NewRegistry();
        TestRegistry two = NewRegistry();
        one.Add("pause", "3.9", s_top);
        two.Add("pause", "3.9", s_top);

        ImageRecord first = await PullAsync($"{one.Authority}/pause:3.9");
        ImageRecord second = await PullAsync($"{two.Authority}/pause:3.9");

        Assert.Equal(first.Id, second.Id);
        Assert.Equal(((string[])[$"{one.Authority}/pause:3.9", $"{two.Authority}/pause:3.9"]).Order(StringComparer.Ordinal), second.RepoTags);
        Assert.Equal(2, second.RepoDigests.Count);
    }

    [Fact]
    public async Task Pull_SameLayerTwiceInOneImage_Works()
    {
        TestRegistry registry = NewRegistry();
        registry.Add("app", "1", s_base, s_base, s_top);

        ImageRecord image = await PullAsync($"{registry.Authority}/app:1");

        Assert.Equal(3, image.ChainIds.Distinct().Count());
        Assert.Equal("base", File.ReadAllText($"{LayerPath(image, 1)}/etc/base"));
    }

    [Fact]
    public async Task Pull_TwoAtOnce_FetchOnceAndSurviveTheOthersEnd()
    {
        TestRegistry registry = NewRegistry();
        registry.Add("app", "1", s_base);
        var asked = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        registry.Intercept = async (request, _) =>
        {
            if (request.Path.Contains("/blobs/", StringComparison.Ordinal) && request.Path.EndsWith(ArchiveBuilder.Hex(ArchiveBuilder.Gzip(s_base)), StringComparison.Ordinal))
            {
                asked.TrySetResult();
                await goOn.Task;
            }

            return false;
        };
        using var cancel = new CancellationTokenSource();
        var progress = new TransferProgress();
        Task<ImageRecord> first = PullAsync($"{registry.Authority}/app:1", ct: cancel.Token);
        await asked.Task;
        Task<ImageRecord> second = Store.PullAsync(new PullRequest($"{registry.Authority}/app:1") { Progress = progress }, default);

        // The second one has come as far as to wait for the layer.
        while (!progress.Layers().Any(layer => layer.State == LayerState.Transferring))
        {
            await Task.Yield();
        }

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        goOn.SetResult();
        ImageRecord image = await second;

        Assert.Equal("base", File.ReadAllText($"{LayerPath(image)}/etc/base"));
        Assert.Single(registry.Seen($"GET /v2/app/blobs/{ArchiveBuilder.Digest(ArchiveBuilder.Gzip(s_base))}"));
    }

    [Fact]
    public async Task Pull_Restarted_GoesOnWithWhatIsThere()
    {
        TestRegistry registry = NewRegistry();
        byte[] large = RandomLayer("large", 300_000);
        registry.Add("app", "1", s_base, large);
        string digest = ArchiveBuilder.Digest(ArchiveBuilder.Gzip(large));
        registry.Intercept = async (request, stream) =>
        {
            if (!request.Path.EndsWith(digest, StringComparison.Ordinal))
            {
                return false;
            }

            byte[] blob = registry.Blobs[digest];
            await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {blob.Length}\r\n\r\n"));
            await stream.WriteAsync(blob.AsMemory(0, 100_000));
            await stream.FlushAsync();
            await Task.Delay(Timeout.Infinite, CancellationToken.None);
            return true;
        };
        using var cancel = new CancellationTokenSource();
        var progress = new TransferProgress();
        Task<ImageRecord> pull = Store.PullAsync(new PullRequest($"{registry.Authority}/app:1") { Progress = progress }, cancel.Token);

        // Both layers arrive side by side: the small one, too, has to be there before the pull is cut off.
        while (!progress.Layers().Any(layer => layer.Digest == digest && layer.Transferred >= 100_000)
            || progress.Layers().Any(layer => layer.Digest != digest && layer.State != LayerState.Done))
        {
            await Task.Yield();
        }

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pull);
        await RestartAsync();
        registry.Intercept = null;
        registry.Requests.Clear();
        ImageRecord image = await PullAsync($"{registry.Authority}/app:1");

        Assert.Equal(300_000, new FileInfo($"{LayerPath(image, 1)}/large").Length);
        Assert.Equal("bytes=100000-", registry.Requests.Single(request => request.Path.EndsWith(digest, StringComparison.Ordinal)).Header("range"));
        Assert.Empty(registry.Seen(ArchiveBuilder.Digest(ArchiveBuilder.Gzip(s_base))));
    }

    [Fact]
    public async Task Pull_UnknownRepository_IsNotFound()
    {
        TestRegistry registry = NewRegistry();

        AgentException failure = await PullFailsAsync($"{registry.Authority}/nope:1");

        Assert.Equal(ErrorKind.NotFound, failure.Kind);
        Assert.EndsWith($"http://{registry.Authority} answers 404 X: NAME_UNKNOWN repository name not known to registry", failure.Message.Replace("https:", "http:", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pull_NobodyThere_IsUnavailable()
    {
        TestRegistry registry = NewRegistry();
        string authority = registry.Authority;
        await registry.DisposeAsync();

        Assert.Equal(ErrorKind.Unavailable, (await PullFailsAsync($"{authority}/app:1")).Kind);
    }

    [Fact]
    public async Task Pull_OtherPlatformOnly_SaysWhichThereAre()
    {
        TestRegistry registry = NewRegistry();
        var foreign = TestRegistry.Descriptor("application/vnd.oci.image.manifest.v1+json", [1]);
        foreign["platform"] = new JsonObject { ["os"] = "linux", ["architecture"] = "s390x" };
        registry.AddManifest("app", "1", "application/vnd.oci.image.index.v1+json", ArchiveBuilder.Bytes(new JsonObject { ["schemaVersion"] = 2, ["manifests"] = new JsonArray(foreign) }));

        AgentException failure = await PullFailsAsync($"{registry.Authority}/app:1");

        Assert.Equal(ErrorKind.FailedPrecondition, failure.Kind);
        Assert.EndsWith("there is no image for linux/amd64, only for linux/s390x", failure.Message, StringComparison.Ordinal);
    }
}
