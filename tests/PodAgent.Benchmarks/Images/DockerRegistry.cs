using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace PodAgent.Benchmarks.Images;

/// <summary>Debian's <c>docker-registry</c> on loopback, with a storage of its own.</summary>
internal sealed class DockerRegistry : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("podagent-bench-registry-");
    private readonly int _port = FreePort();
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false });
    private Process? _process;

    public string Authority => $"127.0.0.1:{_port}";

    public static async Task<DockerRegistry> StartAsync()
    {
        var registry = new DockerRegistry();
        string settings = Path.Combine(registry._folder.FullName, "config.yml");
        await File.WriteAllTextAsync(
            settings,
            $$"""
            version: 0.1
            log: {level: error, accesslog: {disabled: true} }
            storage: {filesystem: {rootdirectory: "{{registry._folder.FullName}}/data"} }
            http: {addr: "{{registry.Authority}}"}
            """);
        registry._process = Process.Start(new ProcessStartInfo("docker-registry", ["serve", settings]) { RedirectStandardError = true })!;
        registry._process.BeginErrorReadLine();
        await registry.UntilListeningAsync();
        return registry;
    }

    /// <summary>Stores a blob (OCI distribution specification, "Pushing a blob monolithically").</summary>
    /// <returns>Its digest.</returns>
    public async Task<string> PushBlobAsync(string repository, byte[] blob)
    {
        string digest = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(blob));
        using HttpResponseMessage begun = await _client.PostAsync($"http://{Authority}/v2/{repository}/blobs/uploads/", content: null);
        Uri location = begun.EnsureSuccessStatusCode().Headers.Location!;
        string target = location + (location.Query.Length > 0 ? "&" : "?") + "digest=" + Uri.EscapeDataString(digest);
        await PutAsync(target, blob, "application/octet-stream");
        return digest;
    }

    /// <summary>Gives a manifest a name.</summary>
    public Task PushManifestAsync(string repository, string tag, byte[] manifest) =>
        PutAsync($"http://{Authority}/v2/{repository}/manifests/{tag}", manifest, "application/vnd.oci.image.manifest.v1+json");

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private static int FreePort()
    {
        using var probe = new Socket(SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }

    private async Task PutAsync(string target, byte[] content, string type)
    {
        using var body = new ByteArrayContent(content);
        body.Headers.ContentType = new MediaTypeHeaderValue(type);
        using HttpResponseMessage stored = await _client.PutAsync(target, body);
        stored.EnsureSuccessStatusCode();
    }

    private async Task UntilListeningAsync()
    {
        using var limit = new CancellationTokenSource(s_patience);
        while (true)
        {
            try
            {
                using HttpResponseMessage answer = await _client.GetAsync($"http://{Authority}/v2/", limit.Token);
                return;
            }
            catch (HttpRequestException) when (!_process!.HasExited)
            {
                await Task.Delay(20, limit.Token);
            }
        }
    }
}
