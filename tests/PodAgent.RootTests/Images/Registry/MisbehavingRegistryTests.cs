using System.Text;
using System.Text.Json.Nodes;
using PodAgent.Images;
using PodAgent.Images.Registry;
using PodAgent.Linux;

namespace PodAgent.RootTests.Images.Registry;

/// <summary>What a registry, or who sits between, may do to us.</summary>
public sealed class MisbehavingRegistryTests : PullFixture
{
    private static readonly byte[] s_layer = RandomLayer("data", 200_000);
    private static readonly byte[] s_blob = ArchiveBuilder.Gzip(s_layer);
    private static readonly string s_digest = ArchiveBuilder.Digest(s_blob);

    private protected override ImageLimits Limits => new() { MaxManifestSize = 64 << 10 };

    private protected override RegistryOptions Registry => base.Registry with { StallTimeout = _stall };

    private TimeSpan _stall = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Blob_OtherThanItsDigest_IsDiscarded()
    {
        TestRegistry registry = WithApp();
        byte[] tampered = [.. s_blob];
        tampered[^20] ^= 1;
        registry.Blobs[s_digest] = tampered;

        AgentException failure = await PullFailsAsync($"{registry.Authority}/app:1");

        Assert.Equal(ErrorKind.DataLoss, failure.Kind);
        Assert.Contains($"blob {s_digest} has content with digest {ArchiveBuilder.Digest(tampered)}", failure.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(Options.Root, "partial")));
        registry.Blobs[s_digest] = s_blob;
        await PullAsync($"{registry.Authority}/app:1");
    }

    [Fact]
    public async Task Connection_CutAgainAndAgain_IsResumed()
    {
        TestRegistry registry = WithApp();
        OnLayer(registry, async (request, stream) =>
        {
            int from = request.Header("range") is { } range ? int.Parse(range["bytes=".Length..^1], System.Globalization.CultureInfo.InvariantCulture) : 0;
            string head = from == 0 ? "200 OK" : $"206 Partial\r\nContent-Range: bytes {from}-{s_blob.Length - 1}/{s_blob.Length}";
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {head}\r\nContent-Length: {s_blob.Length - from}\r\n\r\n"));
            await stream.WriteAsync(s_blob.AsMemory(from, Math.Min(30_000, s_blob.Length - from)));
            return true;
        });

        ImageRecord image = await PullAsync($"{registry.Authority}/app:1");

        Assert.Equal(200_000, new FileInfo($"{LayerPath(image)}/data").Length);
        Assert.InRange(registry.Seen(s_digest).Count(), 7, 8);
    }

    [Fact]
    public async Task Range_NotUnderstood_BeginsAnewWithoutDoubling()
    {
        TestRegistry registry = WithApp();
        int requests = 0;
        OnLayer(registry, async (_, stream) =>
        {
            int length = Interlocked.Increment(ref requests) == 1 ? 50_000 : s_blob.Length;
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {s_blob.Length}\r\n\r\n"));
            await stream.WriteAsync(s_blob.AsMemory(0, length));
            return true;
        });

        await PullAsync($"{registry.Authority}/app:1");

        Assert.Equal(2, requests);
    }

    [Fact]
    public async Task Connection_CutWithoutProgress_IsGivenUp()
    {
        TestRegistry registry = WithApp();
        OnLayer(registry, (_, _) => Task.FromResult(true));

        AgentException failure = await PullFailsAsync($"{registry.Authority}/app:1");

        Assert.Equal(ErrorKind.Unavailable, failure.Kind);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task Refusal_WithRetryAfter_IsHeeded(int status)
    {
        TestRegistry registry = WithApp();
        int refusals = 2;
        registry.Intercept = async (_, stream) =>
        {
            if (Interlocked.Decrement(ref refusals) < 0)
            {
                return false;
            }

            await TestRegistry.WriteAsync(stream, status, "Retry-After: 7\r\n", []);
            return true;
        };

        await PullAsync($"{registry.Authority}/app:1");

        Assert.Equal(2, Clock.Waits.Count(wait => wait == TimeSpan.FromSeconds(7)));
    }

    [Fact]
    public async Task Refusal_ForTooLong_IsUnavailable()
    {
        TestRegistry registry = WithApp();
        registry.Intercept = async (_, stream) =>
        {
            await TestRegistry.WriteAsync(stream, 429, "Retry-After: 3600\r\n", Encoding.UTF8.GetBytes("{\"errors\":[{\"code\":\"TOOMANYREQUESTS\",\"message\":\"pull \\u001b[31mrate\"}]}"));
            return true;
        };

        AgentException failure = await PullFailsAsync($"{registry.Authority}/app:1");

        Assert.Equal(ErrorKind.Unavailable, failure.Kind);
        Assert.EndsWith("429 X: TOOMANYREQUESTS pull  [31mrate", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redirect_ToAnotherHost_TakesNoCredentialsAlong()
    {
        TestRegistry registry = WithApp();
        TestRegistry storage = WithApp();
        WriteHosts(registry.Authority, $"server = \"http://{registry.Authority}\"\n[header]\n  x-secret = \"s\"");
        registry.Intercept = async (request, stream) =>
        {
            if (request.Header("authorization") is null)
            {
                await TestRegistry.WriteAsync(stream, 401, "WWW-Authenticate: Basic realm=\"x\"\r\n", []);
                return true;
            }

            if (!request.Path.EndsWith(s_digest, StringComparison.Ordinal))
            {
                return false;
            }

            await TestRegistry.WriteAsync(stream, 307, $"Location: http://{storage.Authority}{request.Path}\r\n", []);
            return true;
        };

        await PullAsync($"{registry.Authority}/app:1", new RegistryCredential { Username = "me", Password = "secret" });

        TestRequest redirected = Assert.Single(storage.Requests);
        Assert.Null(redirected.Header("authorization"));
        Assert.Null(redirected.Header("x-secret"));
        Assert.All(registry.Requests, request => Assert.Equal("s", request.Header("x-secret")));
    }

    [Fact]
    public async Task Redirect_InCircles_Ends()
    {
        TestRegistry registry = WithApp();
        registry.Intercept = async (request, stream) =>
        {
            await TestRegistry.WriteAsync(stream, 302, $"Location: {request.Path}\r\n", []);
            return true;
        };

        Assert.EndsWith("redirects more than 10 times", (await PullFailsAsync($"{registry.Authority}/app:1")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_WithoutEnd_IsCutAtTheStatedSize()
    {
        TestRegistry registry = WithApp();
        OnLayer(registry, async (_, stream) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"u8.ToArray());
            await stream.WriteAsync(s_blob);
            byte[] garbage = new byte[64 * 1024];
            for (int i = 0; i < 10_000; i++)
            {
                await stream.WriteAsync(garbage);
            }

            return true;
        });

        ImageRecord image = await PullAsync($"{registry.Authority}/app:1");

        Assert.Equal(200_000, new FileInfo($"{LayerPath(image)}/data").Length);
    }

    [Fact]
    public async Task Blob_OfAnotherSize_IsRefusedBeforeItIsRead()
    {
        TestRegistry registry = WithApp();
        registry.Blobs[s_digest] = [.. s_blob, 0];

        AgentException failure = await PullFailsAsync($"{registry.Authority}/app:1");

        Assert.Equal(ErrorKind.DataLoss, failure.Kind);
        Assert.EndsWith($"has {s_blob.Length + 1} bytes, expected {s_blob.Length}", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Manifest_TooLarge_IsRefused(bool stated)
    {
        TestRegistry registry = WithApp();
        registry.Intercept = async (_, stream) =>
        {
            byte[] huge = new byte[100 << 10];
            if (stated)
            {
                await TestRegistry.WriteAsync(stream, 200, "", huge);
            }
            else
            {
                await stream.WriteAsync("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"u8.ToArray());
                await stream.WriteAsync(huge);
            }

            return true;
        };

        AgentException failure = await PullFailsAsync($"{registry.Authority}/app:1");

        Assert.Equal(ErrorKind.ResourceExhausted, failure.Kind);
        Assert.EndsWith("the manifest is larger than 65536 bytes", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Manifest_OtherThanItsDigest_IsRefused()
    {
        TestRegistry registry = WithApp();
        string digest = registry.Add("app", "2", s_layer, s_layer);
        registry.Manifests[$"app/{digest}"] = registry.Manifests["app/1"];

        Assert.Equal(ErrorKind.DataLoss, (await PullFailsAsync($"{registry.Authority}/app@{digest}")).Kind);
    }

    [Fact]
    public async Task SlowLoris_LosesItsConnection()
    {
        _stall = TimeSpan.FromMilliseconds(1);
        await RestartAsync();
        TestRegistry registry = WithApp();
        int requests = 0;
        OnLayer(registry, async (_, stream) =>
        {
            if (Interlocked.Increment(ref requests) > 1)
            {
                return false;
            }

            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {s_blob.Length}\r\n\r\n"));
            await stream.FlushAsync();
            await new TaskCompletionSource().Task;
            return true;
        });

        // With every stall timer due at once the rest comes in as many connections as it takes, or not at all; never does it hang.
        try
        {
            await PullAsync($"{registry.Authority}/app:1");
        }
        catch (AgentException given) when (given.Kind == ErrorKind.Unavailable)
        {
        }

        Assert.True(requests > 1);
    }

    [Fact]
    public async Task Index_NestedWithoutEnd_IsRefused()
    {
        TestRegistry registry = WithApp();
        string digest = registry.Add("app", "0", s_layer);
        for (int i = 0; i < 6; i++)
        {
            digest = registry.AddIndex("app", "bomb", digest);
        }

        AgentException failure = await PullFailsAsync($"{registry.Authority}/app:bomb");

        Assert.Equal(ErrorKind.ResourceExhausted, failure.Kind);
        Assert.EndsWith("indexes are nested more than 4 deep", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Manifest_OfTheFirstSchema_IsRefusedClearly()
    {
        TestRegistry registry = WithApp();
        registry.AddManifest("app", "old", "application/vnd.docker.distribution.manifest.v1+prettyjws", ArchiveBuilder.Bytes(new JsonObject { ["schemaVersion"] = 1 }));

        AgentException failure = await PullFailsAsync($"{registry.Authority}/app:old");

        Assert.Equal(ErrorKind.Unimplemented, failure.Kind);
        Assert.EndsWith("is in docker's schema 1, which is obsolete and not supported; push the image again with a current tool", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Manifest_ThatIsAnIndexToo_IsRefused()
    {
        TestRegistry registry = WithApp();
        var both = (JsonObject)JsonNode.Parse(registry.Manifests["app/1"].Content)!;
        both["manifests"] = new JsonArray();
        registry.AddManifest("app", "both", "application/vnd.oci.image.manifest.v1+json", ArchiveBuilder.Bytes(both));

        Assert.Equal(ErrorKind.InvalidArgument, (await PullFailsAsync($"{registry.Authority}/app:both")).Kind);
    }

    private TestRegistry WithApp()
    {
        TestRegistry registry = NewRegistry();
        registry.Add("app", "1", s_layer);
        return registry;
    }

    private static void OnLayer(TestRegistry registry, Func<TestRequest, Stream, Task<bool>> answer) => registry.Intercept = (request, stream) =>
        request.Path.EndsWith(s_digest, StringComparison.Ordinal) ? answer(request, stream) : Task.FromResult(false);
}
