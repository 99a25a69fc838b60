using System.Net;
using Google.Protobuf;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PodAgent.Cri.Containers;
using PodAgent.Linux;
using PodAgent.Streaming.Http;

namespace PodAgent.Cri.Streams;

/// <summary>
/// The HTTP server behind the URLs that Exec, Attach and PortForward answer with. It listens from the first such call on, unless its port
/// is fixed: who never streams pays nothing.
/// </summary>
internal sealed class StreamingServer : IHttpApplication<HttpContext>, IAsyncDisposable
{
    private readonly CriContext _runtime;
    private readonly ILoggerFactory _loggers;
    private readonly StreamCertificate? _certificate;
    private readonly StreamTickets _tickets;
    private readonly StreamRequests _requests;
    private readonly SemaphoreSlim _starting = new(1, 1);
    private readonly CancellationTokenSource _stopping = new();
    private KestrelServer? _server;
    private string? _baseUrl;

    /// <summary>Does not listen yet.</summary>
    /// <param name="runtime">Whose containers it serves.</param>
    /// <param name="launcher">Starts the commands of exec.</param>
    /// <param name="certificate">Null: without TLS. Is disposed with the server.</param>
    /// <param name="loggers">For the HTTP server's own messages.</param>
    public StreamingServer(CriContext runtime, ExecLauncher launcher, StreamCertificate? certificate, ILoggerFactory loggers)
    {
        _runtime = runtime;
        _loggers = loggers;
        _certificate = certificate;
        _tickets = new StreamTickets(runtime.Time);
        _requests = new StreamRequests(
            runtime, launcher, new StreamingOptions { IdleTimeout = runtime.Options.StreamIdleTimeout, Time = runtime.Time });
    }

    /// <summary>Keeps a request for its client.</summary>
    /// <returns>The URL at which the client is served, once, within a minute.</returns>
    /// <exception cref="AgentException">ResourceExhausted: too many wait; Unavailable: the server cannot listen.</exception>
    public async Task<string> OfferAsync(string path, IMessage request, CancellationToken cancellationToken) =>
        $"{await StartAsync(cancellationToken).ConfigureAwait(false)}/{path}/{_tickets.Issue(request)}";

    /// <summary>Listens, unless it does already.</summary>
    /// <returns>The beginning of its URLs.</returns>
    /// <exception cref="AgentException">Unavailable: the address cannot be listened on.</exception>
    public async Task<string> StartAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _baseUrl) is { } known)
        {
            return known;
        }

        await _starting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_baseUrl is null)
            {
                IPEndPoint wanted = _runtime.Options.StreamEndpoint;
                var server = new KestrelServer(
                    Options.Create(KestrelOptions(wanted)),
                    new SocketTransportFactory(Options.Create(new SocketTransportOptions()), _loggers), _loggers);
                try
                {
                    await server.StartAsync(this, cancellationToken).ConfigureAwait(false);
                }
                catch (Exception cause) when (cause is IOException or System.Net.Sockets.SocketException)
                {
                    server.Dispose();
                    throw new AgentException(ErrorKind.Unavailable, $"the streaming server cannot listen on {wanted}: {cause.Message}", cause);
                }

                _server = server;
                Volatile.Write(ref _baseUrl, BaseUrl(wanted, server));
            }

            return _baseUrl!;
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <inheritdoc/>
    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    /// <inheritdoc/>
    public void DisposeContext(HttpContext context, Exception? exception)
    {
    }

    /// <inheritdoc/>
    public async Task ProcessRequestAsync(HttpContext context)
    {
        string[] parts = (context.Request.Path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != 2 || parts[0] is not ("exec" or "attach" or "portforward"))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
        else if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            context.Response.Headers.Allow = "GET, POST";
        }
        else if (_tickets.Take(parts[1]) is not { } request || Path(request) != parts[0])
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
        else
        {
            await ServeAsync(context, request).ConfigureAwait(false);
        }
    }

    /// <summary>Ends all sessions, and listening.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        if (_server is { } server)
        {
            using var limit = new CancellationTokenSource(_runtime.Options.RollbackTimeout);
            await server.StopAsync(limit.Token).ConfigureAwait(false);
            server.Dispose();
        }

        _certificate?.Leaf.Dispose();
    }

    private static string Path(IMessage request) => request switch
    {
        Api.Cri.ExecRequest => "exec",
        Api.Cri.AttachRequest => "attach",
        _ => "portforward",
    };

    private string BaseUrl(IPEndPoint wanted, KestrelServer server)
    {
        var bound = new Uri(server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());

        // Clients are on this machine: the kubelet carries streams on.
        IPAddress address = wanted.Address.Equals(IPAddress.Any) ? IPAddress.Loopback
            : wanted.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback
            : wanted.Address;
        return $"{(_certificate is null ? "http" : "https")}://{new IPEndPoint(address, bound.Port)}";
    }

    private KestrelServerOptions KestrelOptions(IPEndPoint endpoint)
    {
        var options = new KestrelServerOptions { AddServerHeader = false };

        // Streams stand still for hours, or take what they are given in their own time.
        options.Limits.MinRequestBodyDataRate = null;
        options.Limits.MinResponseDataRate = null;
        options.Limits.MaxRequestBufferSize = 1 << 20;
        options.Limits.MaxResponseBufferSize = 1 << 20;
        options.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(30);
        options.Listen(endpoint, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            if (_certificate is { } certificate)
            {
                listen.Use(next => new TlsConnections(certificate, next).ServeAsync);
            }
        });
        return options;
    }

    private async Task ServeAsync(HttpContext context, IMessage request)
    {
        try
        {
            await _requests.ServeAsync(context, request, _stopping.Token).ConfigureAwait(false);
        }
        catch (AgentException failure) when (!context.Response.HasStarted)
        {
            // What was true when the URL was given out is not any more.
            context.Response.StatusCode = failure.Kind == ErrorKind.NotFound ? StatusCodes.Status404NotFound : StatusCodes.Status500InternalServerError;
            await context.Response.WriteAsync(failure.Message + "\n", context.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException)
        {
            _runtime.Log.StreamEnded(context.Request.Path.Value ?? "", failure.Message);
        }
    }
}
