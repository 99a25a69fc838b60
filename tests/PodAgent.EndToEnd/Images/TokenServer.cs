using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PodAgent.EndToEnd.Images;

/// <summary>Gives bearer tokens that a <c>docker-registry</c> accepts to whoever knows the password, and to nobody else.</summary>
internal sealed class TokenServer : IAsyncDisposable
{
    public const string User = "me";
    public const string Password = "secret";
    private readonly HttpListener _listener = new();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _certificate;
    private readonly Task _serving;

    public TokenServer()
    {
        _certificate = new CertificateRequest("CN=tokens", _key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        Realm = Listen();
        _serving = ServeAsync();
    }

    /// <summary>Where tokens are.</summary>
    public string Realm { get; }

    /// <summary>What the registry verifies tokens with, PEM.</summary>
    public string Certificate => _certificate.ExportCertificatePem();

    /// <summary>Scopes that were asked for.</summary>
    public List<string> Scopes { get; } = [];

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _serving;
        _certificate.Dispose();
        _key.Dispose();
    }

    private string Listen()
    {
        for (int port = 42000 + Random.Shared.Next(2000); ; port++)
        {
            try
            {
                _listener.Prefixes.Clear();
                _listener.Prefixes.Add($"http://127.0.0.1:{port}/");
                _listener.Start();
                return $"http://127.0.0.1:{port}/token";
            }
            catch (HttpListenerException) when (port < 60000)
            {
                // Taken; the next one.
            }
        }
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                HttpListenerContext context = await _listener.GetContextAsync();
                string expected = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}"));
                bool known = context.Request.Headers["Authorization"] == expected;
                string[] scopes = context.Request.QueryString.GetValues("scope") ?? [];
                lock (Scopes)
                {
                    Scopes.AddRange(scopes);
                }

                byte[] answer = known ? JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["token"] = Token(context.Request.QueryString["service"]!, scopes) }) : [];
                context.Response.StatusCode = known ? 200 : 401;
                await AnswerAsync(context.Response, answer);
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
        {
            // Closed.
        }
    }

    // Who asked may be gone: then the next one is served all the same.
    private static async Task AnswerAsync(HttpListenerResponse response, byte[] answer)
    {
        try
        {
            response.ContentLength64 = answer.Length;
            await response.OutputStream.WriteAsync(answer);
            response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or IOException or ObjectDisposedException)
        {
            response.Abort();
        }
    }

    private string Token(string service, IEnumerable<string> scopes)
    {
        var header = new JsonObject { ["typ"] = "JWT", ["alg"] = "ES256", ["x5c"] = new JsonArray(Convert.ToBase64String(_certificate.RawData)) };
        long now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var claims = new JsonObject
        {
            ["iss"] = "podagent-test",
            ["sub"] = User,
            ["aud"] = service,
            ["exp"] = now + 300,
            ["nbf"] = now - 60,
            ["iat"] = now,
            ["jti"] = Guid.NewGuid().ToString("n"),
            ["access"] = new JsonArray([.. scopes.Select(scope => scope.Split(':')).Select(part => (JsonNode)new JsonObject
            {
                ["type"] = part[0],
                ["name"] = part[1],
                ["actions"] = new JsonArray([.. part[2].Split(',').Select(action => (JsonNode)action)]),
            })]),
        };
        string unsigned = $"{Base64(JsonSerializer.SerializeToUtf8Bytes(header))}.{Base64(JsonSerializer.SerializeToUtf8Bytes(claims))}";
        return $"{unsigned}.{Base64(_key.SignData(Encoding.ASCII.GetBytes(unsigned), HashAlgorithmName.SHA256))}";
    }

    private static string Base64(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
