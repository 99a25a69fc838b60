using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using PodAgent.Images.Registry.Hosts;
using PodAgent.Linux;

namespace PodAgent.Images.Registry.Authentication;

/// <summary>
/// Gets a transfer past an endpoint's challenge: nothing, basic authentication, or a bearer token of the server that the challenge names
/// (distribution specification, "Token Authentication"). Tokens are kept by scope, for one transfer.
/// </summary>
/// <param name="endpoint">Who asks.</param>
/// <param name="credentials">What we have.</param>
/// <param name="send">Sends a request to a token server.</param>
internal sealed class EndpointAuthorizer(
    RegistryEndpoint endpoint, EndpointCredential credentials, Func<Func<HttpRequestMessage>, CancellationToken, Task<HttpResponseMessage>> send)
{
    private const int MaxTokenResponse = 1 << 20;
    private readonly Dictionary<string, AuthenticationHeaderValue> _tokens = [];
    private readonly SemaphoreSlim _asking = new(1, 1);
    private RegistryCredential? _credential = credentials.Known;
    private AuthenticationHeaderValue? _basic;

    /// <summary>The header for a request, as far as it is known without asking.</summary>
    public AuthenticationHeaderValue? Header(string scope)
    {
        if (_credential is { RegistryToken.Length: > 0 })
        {
            return new AuthenticationHeaderValue("Bearer", _credential.RegistryToken);
        }

        lock (_tokens)
        {
            return _basic ?? _tokens.GetValueOrDefault(scope);
        }
    }

    /// <summary>Answers a challenge.</summary>
    /// <param name="challenges">All that the endpoint offers.</param>
    /// <param name="scope">What the request is about.</param>
    /// <param name="refused">The header that was not enough; null: none was sent.</param>
    /// <param name="ct">Ends the asking.</param>
    /// <returns>A header worth a new try; null when there is nothing else to try.</returns>
    /// <exception cref="RegistryException">The token server refused or cannot be reached, or a credential helper fails.</exception>
    public async Task<AuthenticationHeaderValue?> AnswerAsync(
        IReadOnlyList<AuthChallenge> challenges, string scope, AuthenticationHeaderValue? refused, CancellationToken ct)
    {
        await _asking.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            // Another request of this transfer may have asked meanwhile.
            if (Header(scope) is { } known && !known.Equals(refused))
            {
                return known;
            }

            // Only now: a helper is a program, and who asks for nothing is not worth one.
            _credential ??= await credentials.GetAsync(ct).ConfigureAwait(false);
            if (challenges.FirstOrDefault(challenge => challenge.Scheme == "bearer") is { } bearer && _credential is not { RegistryToken.Length: > 0 })
            {
                AuthenticationHeaderValue token = await AskAsync(bearer, scope, ct).ConfigureAwait(false);
                if (token.Equals(refused))
                {
                    return null;
                }

                lock (_tokens)
                {
                    _tokens[scope] = token;
                }

                return token;
            }

            if (challenges.Any(challenge => challenge.Scheme == "basic") && _credential is { Username.Length: > 0 } && refused is null)
            {
                AuthenticationHeaderValue basic = Basic(_credential);
                lock (_tokens)
                {
                    _basic = basic;
                }

                return basic;
            }

            return null;
        }
        finally
        {
            _asking.Release();
        }
    }

    private static AuthenticationHeaderValue Basic(RegistryCredential credential) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credential.Username}:{credential.Password}")));

    private async Task<AuthenticationHeaderValue> AskAsync(AuthChallenge challenge, string scope, CancellationToken ct)
    {
        if (!Uri.TryCreate(challenge.Get("realm"), UriKind.Absolute, out Uri? realm) || realm.Scheme is not ("http" or "https"))
        {
            throw new RegistryException(ErrorKind.Unavailable, $"{endpoint} asks for a token without saying where to get one");
        }

        // A registry behind TLS that sends the password over a plain line is not what its owner meant.
        if (endpoint.Scheme == "https" && realm.Scheme == "http" && !realm.IsLoopback && _credential is { IsEmpty: false })
        {
            throw new RegistryException(ErrorKind.PermissionDenied, $"{endpoint} wants credentials sent to {realm.Authority} without TLS");
        }

        string[] scopes = [.. $"{challenge.Get("scope")} {scope}".Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct()];
        Func<HttpRequestMessage> request = _credential is { IdentityToken.Length: > 0 }
            ? () => Exchange(realm, challenge.Get("service"), scopes, _credential.IdentityToken)
            : () => Query(realm, challenge.Get("service"), scopes);
        using HttpResponseMessage response = await send(request, ct).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            throw await Transport.RegistryError.ReadAsync(response, $"token server {realm.Authority}", ct).ConfigureAwait(false);
        }

        byte[] body = await Transport.BoundedBody.ReadAsync(response, MaxTokenResponse, $"the answer of token server {realm.Authority}", ct).ConfigureAwait(false);
        string what = $"the answer of token server {realm.Authority}";
        using JsonDocument document = JsonFields.Parse(body, what);
        string token = JsonFields.Text(document.RootElement, "token", what);
        token = token.Length > 0 ? token : JsonFields.Text(document.RootElement, "access_token", what);
        return token.Length > 0 && !token.AsSpan().ContainsAny('\r', '\n')
            ? new AuthenticationHeaderValue("Bearer", token)
            : throw new RegistryException(ErrorKind.Unavailable, $"{what} holds no token");
    }

    private HttpRequestMessage Query(Uri realm, string service, string[] scopes)
    {
        var query = new StringBuilder(realm.Query.Length > 1 ? realm.Query + "&" : "?");
        if (service.Length > 0)
        {
            query.Append("service=").Append(Uri.EscapeDataString(service)).Append('&');
        }

        query.AppendJoin('&', scopes.Select(scope => "scope=" + Uri.EscapeDataString(scope)));
        if (_credential is { Username.Length: > 0 })
        {
            query.Append("&account=").Append(Uri.EscapeDataString(_credential.Username));
        }

        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(realm.GetLeftPart(UriPartial.Path) + query.ToString().TrimEnd('&', '?')));
        request.Headers.Authorization = _credential is { Username.Length: > 0 } ? Basic(_credential) : null;
        return request;
    }

    private static HttpRequestMessage Exchange(Uri realm, string service, string[] scopes, string refreshToken) => new(HttpMethod.Post, realm)
    {
        Content = new FormUrlEncodedContent(
        [
            new("grant_type", "refresh_token"),
            new("refresh_token", refreshToken),
            new("service", service),
            new("client_id", "podagent"),
            new("scope", string.Join(' ', scopes)),
        ]),
    };
}
