using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace PodAgent.RootTests.Images.Registry;

/// <summary>
/// A registry on loopback that serves what it is given, one request per connection, and misbehaves as told: <see cref="Intercept"/> sees each
/// request first and has the connection.
/// </summary>
internal sealed class TestRegistry : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly X509Certificate2? _certificate;
    private readonly Task _serving;
    private int _uploads;

    public TestRegistry(X509Certificate2? certificate = null)
    {
        _certificate = certificate;
        _listener.Start();
        _serving = ServeAsync();
    }

    /// <summary>Answers a request by itself (true), or leaves it to the registry (false).</summary>
    public Func<TestRequest, Stream, Task<bool>>? Intercept { get; set; }

    public ConcurrentDictionary<string, byte[]> Blobs { get; } = new();

    /// <summary>By <c>repository/reference</c>.</summary>
    public ConcurrentDictionary<string, (string Type, byte[] Content)> Manifests { get; } = new();

    public ConcurrentQueue<TestRequest> Requests { get; } = new();

    public string Authority => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public IEnumerable<string> Seen(string part) => Requests.Select(request => request.ToString()).Where(text => text.Contains(part, StringComparison.Ordinal));

    /// <summary>Stores an image of layers; gives the digest of its manifest.</summary>
    public string Add(string repository, string tag, params byte[][] layers) => Add(repository, tag, [.. layers.Select(layer => (layer, ArchiveBuilder.Gzip(layer)))]);

    public string Add(string repository, string tag, (byte[] Plain, byte[] Stored)[] layers, string? layerType = null)
    {
        byte[] config = ArchiveBuilder.Config(layers.Select(layer => layer.Plain));
        var manifest = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = "application/vnd.oci.image.manifest.v1+json",
            ["config"] = Descriptor("application/vnd.oci.image.config.v1+json", config),
            ["layers"] = new JsonArray([.. layers.Select(layer => (JsonNode)Descriptor(layerType ?? "application/vnd.oci.image.layer.v1.tar+gzip", layer.Stored))]),
        };
        foreach (byte[] blob in (byte[][])[config, .. layers.Select(layer => layer.Stored)])
        {
            Blobs[ArchiveBuilder.Digest(blob)] = blob;
        }

        return AddManifest(repository, tag, "application/vnd.oci.image.manifest.v1+json", ArchiveBuilder.Bytes(manifest));
    }

    public string AddManifest(string repository, string tag, string type, byte[] content)
    {
        string digest = ArchiveBuilder.Digest(content);
        Manifests[$"{repository}/{tag}"] = (type, content);
        Manifests[$"{repository}/{digest}"] = (type, content);
        return digest;
    }

    /// <summary>An index of the given manifests of this repository, all for this host.</summary>
    public string AddIndex(string repository, string tag, params string[] digests) => AddManifest(
        repository,
        tag,
        "application/vnd.oci.image.index.v1+json",
        ArchiveBuilder.Bytes(new JsonObject
        {
            ["schemaVersion"] = 2,
            ["manifests"] = new JsonArray([.. digests.Select(digest =>
            {
                (string type, byte[] content) = Manifests[$"{repository}/{digest}"];
                JsonObject descriptor = Descriptor(type, content);
                descriptor["platform"] = new JsonObject { ["os"] = "linux", ["architecture"] = "amd64" };
                return (JsonNode)descriptor;
            })]),
        }));

    public static JsonObject Descriptor(string type, byte[] content) =>
        new() { ["mediaType"] = type, ["digest"] = ArchiveBuilder.Digest(content), ["size"] = content.Length };

    public static Task WriteAsync(Stream stream, int status, string headers, byte[] body, bool withBody = true) =>
        stream.WriteAsync((byte[])[.. Encoding.ASCII.GetBytes($"HTTP/1.1 {status} X\r\n{headers}Content-Length: {body.Length}\r\nConnection: close\r\n\r\n"), .. withBody ? body : []]).AsTask();

    public async ValueTask DisposeAsync()
    {
        // A test may have closed it already.
        await _stop.CancelAsync();
        _listener.Stop();
        await _serving;
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                Socket socket = await _listener.AcceptSocketAsync(_stop.Token);
                _ = AnswerAsync(socket);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Closed.
        }
    }

    private async Task AnswerAsync(Socket socket)
    {
        try
        {
            await using var plain = new NetworkStream(socket, ownsSocket: true);
            Stream stream = plain;
            if (_certificate is not null)
            {
                var tls = new SslStream(plain);
                await tls.AuthenticateAsServerAsync(_certificate);
                stream = tls;
            }

            TestRequest? request = await ReadAsync(stream);
            if (request is null)
            {
                return;
            }

            Requests.Enqueue(request);
            if (Intercept is null || !await Intercept(request, stream))
            {
                await RespondAsync(request, stream);
            }

            await stream.FlushAsync();
            await stream.DisposeAsync();
        }
        catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException or OperationCanceledException or ObjectDisposedException)
        {
            // The client has gone.
        }
    }

    private static async Task<TestRequest?> ReadAsync(Stream stream)
    {
        var head = new StringBuilder();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            // A TLS handshake begins with 0x16: whoever speaks TLS to a server that does not is turned away.
            if (await stream.ReadAsync(one) == 0 || (head.Length == 0 && one[0] == 0x16))
            {
                return null;
            }

            head.Append((char)one[0]);
        }

        string[] lines = head.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        string[] first = lines[0].Split(' ');
        if (first.Length < 3 || !first[2].StartsWith("HTTP/", StringComparison.Ordinal))
        {
            return null;
        }

        Dictionary<string, string> headers = lines.Skip(1)
            .Select(line => line.Split(':', 2))
            .GroupBy(pair => pair[0].ToLowerInvariant())
            .ToDictionary(group => group.Key, group => string.Join(", ", group.Select(pair => pair[1].Trim())));
        byte[] body = new byte[int.Parse(headers.GetValueOrDefault("content-length", "0"), CultureInfo.InvariantCulture)];
        await stream.ReadExactlyAsync(body);
        int query = first[1].IndexOf('?');
        return new TestRequest(first[0], query < 0 ? first[1] : first[1][..query], query < 0 ? "" : first[1][query..], headers, body);
    }

    private async Task RespondAsync(TestRequest request, Stream stream)
    {
        string[] parts = request.Path.Split('/');
        bool head = request.Method == "HEAD";
        int kind = Array.FindIndex(parts, part => part is "manifests" or "blobs");
        string repository = kind < 0 ? "" : string.Join('/', parts[2..kind]);
        string rest = kind < 0 ? "" : string.Join('/', parts[(kind + 1)..]);
        switch (kind < 0 ? "" : parts[kind], request.Method)
        {
            case ("manifests", "GET" or "HEAD") when Manifests.TryGetValue($"{repository}/{rest}", out (string Type, byte[] Content) manifest):
                await WriteAsync(stream, 200, $"Content-Type: {manifest.Type}\r\nDocker-Content-Digest: {ArchiveBuilder.Digest(manifest.Content)}\r\n", manifest.Content, !head);
                break;
            case ("manifests", "PUT"):
                AddManifest(repository, rest, request.Header("content-type")!, request.Body);
                await WriteAsync(stream, 201, "", []);
                break;
            case ("blobs", "GET" or "HEAD") when Blobs.TryGetValue(rest, out byte[]? blob):
                await BlobAsync(request, stream, blob, head);
                break;
            case ("blobs", "POST") when request.Query.Contains("mount=", StringComparison.Ordinal) && Blobs.ContainsKey(Uri.UnescapeDataString(request.Query.Split('=', '&')[1])):
                await WriteAsync(stream, 201, "", []);
                break;
            case ("blobs", "POST"):
                await WriteAsync(stream, 202, $"Location: /v2/{repository}/blobs/uploads/{Interlocked.Increment(ref _uploads)}?state=x\r\n", []);
                break;
            case ("blobs", "PATCH"):
                Blobs[request.Path] = request.Body;
                await WriteAsync(stream, 202, $"Location: {request.Path}?state=y\r\n", []);
                break;
            case ("blobs", "PUT"):
                Blobs.TryRemove(request.Path, out byte[]? sent);
                string digest = ArchiveBuilder.Digest(sent!);
                bool right = request.Query == $"?state=y&digest={Uri.EscapeDataString(digest)}";
                Blobs[digest] = sent!;
                await WriteAsync(stream, right ? 201 : 400, "", []);
                break;
            default:
                await WriteAsync(stream, 404, "", Encoding.UTF8.GetBytes("{\"errors\":[{\"code\":\"NAME_UNKNOWN\",\"message\":\"repository name not known to registry\"}]}"), !head);
                break;
        }
    }

    private static Task BlobAsync(TestRequest request, Stream stream, byte[] blob, bool head)
    {
        if (request.Header("range") is not { } range)
        {
            return WriteAsync(stream, 200, "", blob, !head);
        }

        int from = int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture);
        return from >= blob.Length
            ? WriteAsync(stream, 416, "", [])
            : WriteAsync(stream, 206, $"Content-Range: bytes {from}-{blob.Length - 1}/{blob.Length}\r\n", blob[from..]);
    }
}
