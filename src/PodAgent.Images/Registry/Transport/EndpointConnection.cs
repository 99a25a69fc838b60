using System.Net;
using System.Net.Http.Headers;
using PodAgent.Images.Registry.Authentication;
using PodAgent.Images.Registry.Hosts;
using PodAgent.Linux;

namespace PodAgent.Images.Registry.Transport;

/// <summary>
/// Requests to one endpoint: authentication, redirects, and repetition of what is refused for now. Credentials and configured headers go to
/// the endpoint and to nobody it points to (CVE-2020-15157).
/// </summary>
internal sealed class EndpointConnection : IDisposable
{
    private const int MaxRedirects = 10;

    // A server without TLS may take a handshake for the beginning of a line, and wait for the rest.
    private static readonly TimeSpan s_localConnectTimeout = TimeSpan.FromSeconds(3);
    private readonly RegistryOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpMessageInvoker _own;
    private readonly HttpMessageInvoker _elsewhere;
    private readonly EndpointAuthorizer _authorizer;
    private string _scheme;

    /// <summary>Prepares; nothing is sent yet.</summary>
    /// <exception cref="RegistryException">A certificate file cannot be used.</exception>
    public EndpointConnection(RegistryEndpoint endpoint, EndpointCredential credential, RegistryOptions options, TimeProvider time)
    {
        Endpoint = endpoint;
        _options = options;
        _time = time;
        _scheme = endpoint.Scheme;
        var trust = new TlsTrust(endpoint.Tls);
        _own = Invoker(trust, own: true);
        _elsewhere = Invoker(trust, own: false);
        _authorizer = new EndpointAuthorizer(endpoint, credential, (request, ct) => SendPatientlyAsync(request, own: false, ct));
    }

    public RegistryEndpoint Endpoint { get; }

    /// <summary>Set when nobody answers there: later requests of the same transfer need not wait for that again.</summary>
    public bool IsDown { get; private set; }

    /// <summary>The place of something below the endpoint's path.</summary>
    public Uri UriOf(string path)
    {
        string query = Endpoint.Namespace is { } name ? $"{(path.Contains('?') ? '&' : '?')}ns={Uri.EscapeDataString(name)}" : "";
        return new Uri($"{_scheme}://{Endpoint.Authority}{Endpoint.Path}/{path}{query}");
    }

    /// <summary>
    /// Sends until there is an answer other than "not now". The answer may be any; its body is not read yet.
    /// </summary>
    /// <param name="method">GET and HEAD are redirected, others are not.</param>
    /// <param name="place">Makes the address, anew for each try.</param>
    /// <param name="scope">What a token must allow.</param>
    /// <param name="prepare">Completes each request; null: nothing to add.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="RegistryException">Nobody answers, or the registry refuses again and again.</exception>
    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, Func<Uri> place, string scope, Action<HttpRequestMessage>? prepare, CancellationToken ct)
    {
        AuthenticationHeaderValue? authorization = _authorizer.Header(scope);
        for (int challenges = 0; ; challenges++)
        {
            AuthenticationHeaderValue? sent = authorization;
            HttpResponseMessage response = await SendPatientlyAsync(() => Request(method, place(), sent, prepare), own: true, ct).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.Unauthorized && challenges < 2)
            {
                IReadOnlyList<AuthChallenge> offered = AuthChallenge.Parse(
                    response.Headers.NonValidated.TryGetValues("WWW-Authenticate", out HeaderStringValues values) ? values : []);
                authorization = await _authorizer.AnswerAsync(offered, scope, sent, ct).ConfigureAwait(false);
                if (authorization is not null)
                {
                    response.Dispose();
                    continue;
                }
            }

            return method == HttpMethod.Get || method == HttpMethod.Head
                ? await FollowAsync(response, method, prepare, ct).ConfigureAwait(false)
                : response;
        }
    }

    /// <summary>Sends a request without credentials to a place that the registry did not choose to be its own.</summary>
    public Task<HttpResponseMessage> SendElsewhereAsync(Func<HttpRequestMessage> request, CancellationToken ct) => SendPatientlyAsync(request, own: false, ct);

    /// <inheritdoc/>
    public void Dispose()
    {
        _own.Dispose();
        _elsewhere.Dispose();
    }

    private HttpMessageInvoker Invoker(TlsTrust trust, bool own) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = Endpoint.ConnectTimeout ?? (Endpoint.PlainHttpFallback ? s_localConnectTimeout : _options.ConnectTimeout),
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        // The environment's proxy is for what lies outside of this machine.
        UseProxy = !own || !new Uri($"{Endpoint.Scheme}://{Endpoint.Authority}").IsLoopback,
        SslOptions = trust.Options(withClients: own),
    });

    private HttpRequestMessage Request(HttpMethod method, Uri uri, AuthenticationHeaderValue? authorization, Action<HttpRequestMessage>? prepare)
    {
        var request = new HttpRequestMessage(method, uri);
        foreach ((string name, string value) in Endpoint.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (authorization is not null)
        {
            request.Headers.Authorization = authorization;
        }

        prepare?.Invoke(request);
        return request;
    }

    // 1. Redirects within the endpoint keep credentials, 2. all others lose them for good, 3. TLS is never given up on the way.
    private async Task<HttpResponseMessage> FollowAsync(HttpResponseMessage response, HttpMethod method, Action<HttpRequestMessage>? prepare, CancellationToken ct)
    {
        bool own = true;
        for (int redirects = 0; ; redirects++)
        {
            if (response.StatusCode is not (HttpStatusCode.Moved or HttpStatusCode.Redirect or HttpStatusCode.SeeOther
                    or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect)
                || response.Headers.Location is not { } location)
            {
                return response;
            }

            Uri from = response.RequestMessage!.RequestUri!;
            var to = new Uri(from, location);
            AuthenticationHeaderValue? authorization = response.RequestMessage.Headers.Authorization;
            own = own && to.Scheme == from.Scheme && to.Authority == from.Authority;
            response.Dispose();
            if (redirects == MaxRedirects)
            {
                throw new RegistryException(ErrorKind.Unavailable, $"{Endpoint} redirects more than {MaxRedirects} times");
            }

            if (to.Scheme is not ("http" or "https") || (from.Scheme == "https" && to.Scheme == "http"))
            {
                throw new RegistryException(ErrorKind.Unavailable, $"{Endpoint} redirects to {to.Scheme}://{to.Authority}, which is not protected by TLS");
            }

            response = own
                ? await SendPatientlyAsync(() => Request(method, to, authorization, prepare), own: true, ct).ConfigureAwait(false)
                : await SendPatientlyAsync(
                    () =>
                    {
                        var request = new HttpRequestMessage(method, to);
                        prepare?.Invoke(request);
                        return request;
                    },
                    own: false,
                    ct).ConfigureAwait(false);
        }
    }

    private async Task<HttpResponseMessage> SendPatientlyAsync(Func<HttpRequestMessage> make, bool own, CancellationToken ct)
    {
        for (int attempt = 1; ; attempt++)
        {
            TimeSpan wait;
            try
            {
                HttpResponseMessage response = await SendOnceAsync(make, own, ct).ConfigureAwait(false);
                if (!IsPassing(response.StatusCode) || attempt >= _options.Attempts)
                {
                    return response;
                }

                wait = RetryAfter(response) ?? Backoff(attempt);
                if (wait > _options.MaxRetryDelay)
                {
                    // Whoever asked is better served with the refusal: a kubelet comes again by itself.
                    return response;
                }

                response.Dispose();
            }
            catch (RegistryException e) when (!e.Unreachable && attempt < _options.Attempts && e.Kind == ErrorKind.Unavailable)
            {
                wait = Backoff(attempt);
            }

            await Task.Delay(wait, _time, ct).ConfigureAwait(false);
        }
    }

    private async Task<HttpResponseMessage> SendOnceAsync(Func<HttpRequestMessage> make, bool own, CancellationToken ct)
    {
        HttpRequestMessage request = make();
        request.Headers.TryAddWithoutValidation("User-Agent", _options.UserAgent);
        string who = $"{request.RequestUri!.Scheme}://{request.RequestUri.Authority}";
        using var late = new CancellationTokenSource(_options.ResponseTimeout, _time);

        // An upload is as slow as the line; it has its own measure of progress.
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, request.Content is null ? late.Token : CancellationToken.None);
        try
        {
            return await (own ? _own : _elsewhere).SendAsync(request, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested && !late.IsCancellationRequested && own && FallBack(request))
        {
            return await SendOnceAsync(make, own, ct).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            // A connect timeout, too, comes as a cancellation.
            IsDown |= own;
            throw new RegistryException(ErrorKind.Unavailable, $"{who} does not answer", e) { Unreachable = true };
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.SecureConnectionError && own && FallBack(request))
        {
            return await SendOnceAsync(make, own, ct).ConfigureAwait(false);
        }
        catch (HttpRequestException e)
        {
            bool unreachable = e.HttpRequestError is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError
                or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError;
            IsDown |= unreachable && own;
            throw new RegistryException(ErrorKind.Unavailable, $"{who}: {Cause(e)}", e) { Unreachable = unreachable };
        }
        catch (IOException e)
        {
            throw new RegistryException(ErrorKind.Unavailable, $"{who}: {e.Message}", e);
        }
    }

    // Several requests may find out at the same time.
    private bool FallBack(HttpRequestMessage failed)
    {
        bool can = Endpoint.PlainHttpFallback && failed.RequestUri!.Scheme == "https";
        _scheme = can ? "http" : _scheme;
        return can;
    }

    private static string Cause(HttpRequestException e) =>
        e.InnerException is { Message.Length: > 0 } inner && !e.Message.Contains(inner.Message, StringComparison.Ordinal) ? $"{e.Message} {inner.Message}" : e.Message;

    private static bool IsPassing(HttpStatusCode status) =>
        status is HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        TimeSpan? wait = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - _time.GetUtcNow(),
            _ => null,
        };
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    // Half of it by chance: a node's pulls, and a cluster's nodes, must not come back all at once.
    private TimeSpan Backoff(int attempt) => _options.RetryDelay * Math.Pow(2, attempt - 1) * (0.5 + (Random.Shared.NextDouble() / 2));
}
