using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace PodAgent.Rpc.Server;

/// <summary>
/// gRPC services on a Kestrel of their own, without host, configuration, dependency injection and routing around it: what a program needs that
/// serves nothing else, at half of the memory.
/// </summary>
public sealed class RpcServer : IAsyncDisposable
{
    private readonly KestrelServer _kestrel;
    private readonly Application _application;
    private readonly RunningCalls _calls;

    /// <summary>Makes a server; it does not listen yet.</summary>
    /// <param name="services">The services; what is added later is served, too.</param>
    /// <param name="options">How they are served.</param>
    /// <param name="loggers">For the HTTP server's own messages.</param>
    /// <param name="configure">Sets endpoints and limits; endpoints have to speak HTTP/2.</param>
    public RpcServer(RpcServiceRegistry services, RpcServerOptions options, ILoggerFactory loggers, Action<KestrelServerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(loggers);
        ArgumentNullException.ThrowIfNull(configure);
        var kestrel = new KestrelServerOptions { AddServerHeader = false };
        kestrel.Limits.UseRpcDefaults();
        configure(kestrel);
        _kestrel = new KestrelServer(
            Options.Create(kestrel), new SocketTransportFactory(Options.Create(Transport()), loggers), loggers);
        _calls = new RunningCalls(options.TimeProvider, options.ShutdownGrace, options.ShutdownMessage);
        _application = new Application(services, new HttpCallEnvironment(options, _calls));
    }

    /// <summary>Begins to listen.</summary>
    /// <exception cref="IOException">An address cannot be listened on.</exception>
    public Task StartAsync(CancellationToken cancellationToken) => _kestrel.StartAsync(_application, cancellationToken);

    /// <summary>
    /// Takes no new calls, gives the running ones their grace, ends them with UNAVAILABLE and returns when the connections are closed.
    /// </summary>
    /// <param name="cancellationToken">Cuts the connections that are left.</param>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        _calls.Stop();
        return _kestrel.StopAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _kestrel.Dispose();
        return ValueTask.CompletedTask;
    }

    // The HTTP server hands each call to the thread pool by itself; what comes before that is a few frames' parsing, and every further change of
    // thread costs a small call as much as its work. A buffer for each idle connection is cheaper than a wait of its own before each read.
    private static SocketTransportOptions Transport() => new() { UnsafePreferInlineScheduling = true, WaitForDataBeforeAllocatingBuffer = false };

    private sealed class Application(RpcServiceRegistry services, HttpCallEnvironment environment) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public Task ProcessRequestAsync(HttpContext context) => RpcEndpoints.DispatchAsync(context, services, environment);

        public void DisposeContext(HttpContext context, Exception? exception)
        {
        }
    }
}
