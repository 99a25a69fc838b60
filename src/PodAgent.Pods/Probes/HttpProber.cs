using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;

namespace PodAgent.Pods.Probes;

/// <summary>
/// HTTP requests to containers: no proxy, no reuse of connections, certificates are not checked (the probe asks whether something answers, not
/// who), redirects to the same host are followed. 200 to 399 is success.
/// </summary>
internal sealed class HttpProber : IDisposable
{
    private const int MaxRedirects = 10;
    private readonly HttpMessageInvoker _client;
    private readonly TimeProvider _time;

    public HttpProber(TimeProvider time, HttpMessageHandler? handler = null)
    {
        _time = time;
        _client = new HttpMessageInvoker(handler ?? new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.Zero,
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true },
        });
    }

    public async Task<ProbeAnswer> GetAsync(Core.HTTPGetAction get, string podIp, int port, TimeSpan timeout, CancellationToken ct)
    {
        string host = get.HasHost && get.Host.Length > 0 ? get.Host : podIp;
        string scheme = get.Scheme.Equals("HTTPS", StringComparison.OrdinalIgnoreCase) ? "https" : "http";
        string authority = host.Contains(':') && !host.StartsWith('[') ? $"[{host}]" : host;
        string path = get.Path.StartsWith('/') ? get.Path : "/" + get.Path;
        if (!Uri.TryCreate($"{scheme}://{authority}:{port}{path}", UriKind.Absolute, out Uri? uri))
        {
            return new ProbeAnswer(ProbeResult.Unknown, $"probe address {scheme}://{authority}:{port}{path} is not valid");
        }

        using CancellationTokenSource limit = new(timeout, _time);
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            for (int redirects = 0; ; redirects++)
            {
                using HttpRequestMessage request = NewRequest(get, uri);
                using HttpResponseMessage response = await _client.SendAsync(request, linked.Token);
                int status = (int)response.StatusCode;
                if (status is < 300 or >= 400 || response.Headers.Location is not { } location)
                {
                    return Judge(status);
                }

                // The container's word, which need not make sense.
                if (!Uri.TryCreate(uri, location, out Uri? next))
                {
                    return new ProbeAnswer(ProbeResult.Failure, $"Get \"{uri}\": failed to parse Location header \"{location.OriginalString}\"");
                }

                if (next.Host != uri.Host)
                {
                    return Judge(status);
                }

                if (next.Scheme is not ("http" or "https"))
                {
                    return new ProbeAnswer(ProbeResult.Failure, $"Get \"{next}\": unsupported protocol scheme \"{next.Scheme}\"");
                }

                if (redirects == MaxRedirects)
                {
                    return new ProbeAnswer(ProbeResult.Failure, $"Get \"{next}\": stopped after {MaxRedirects} redirects");
                }

                uri = next;
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new ProbeAnswer(
                ProbeResult.Failure,
                $"Get \"{uri}\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)");
        }
        catch (HttpRequestException e)
        {
            return new ProbeAnswer(ProbeResult.Failure, $"Get \"{uri}\": {(e.InnerException ?? e).Message.ToLowerInvariant()}");
        }
    }

    public void Dispose() => _client.Dispose();

    private static ProbeAnswer Judge(int status) => status is >= 200 and < 400
        ? new ProbeAnswer(ProbeResult.Success, $"HTTP probe succeeded with statuscode: {status}")
        : new ProbeAnswer(ProbeResult.Failure, $"HTTP probe failed with statuscode: {status}");

    private static HttpRequestMessage NewRequest(Core.HTTPGetAction get, Uri uri)
    {
        HttpRequestMessage request = new(HttpMethod.Get, uri) { Version = HttpVersion.Version11 };
        request.Headers.ConnectionClose = true;
        foreach (Core.HTTPHeader header in get.HttpHeaders)
        {
            request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        }

        if (!request.Headers.Contains("User-Agent"))
        {
            request.Headers.TryAddWithoutValidation("User-Agent", "kube-probe/1.36");
        }

        if (!request.Headers.Contains("Accept"))
        {
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("*/*"));
        }

        return request;
    }
}
