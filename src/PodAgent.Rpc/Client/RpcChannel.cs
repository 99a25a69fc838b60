using System.Collections.Concurrent;
using System.Net.Http;
using System.Net.Sockets;
using Grpc.Core;

namespace PodAgent.Rpc.Client;

/// <summary>
/// A way to a gRPC server over a Unix socket, plain TCP or TLS. It connects with the first call and again when a connection
/// is lost; one channel serves any number of clients and calls at the same time.
/// </summary>
public sealed class RpcChannel : ChannelBase, IAsyncDisposable
{
    private readonly HttpMessageInvoker _http;
    private readonly ConcurrentDictionary<IRunningCall, byte> _calls = new();
    private volatile bool _disposed;

    private RpcChannel(RpcAddress address, RpcChannelOptions options)
        : base(address.Text)
    {
        Address = address;
        Options = options;
        _http = new HttpMessageInvoker(MakeHandler(address, options), disposeHandler: true);
    }

    internal RpcAddress Address { get; }

    internal RpcChannelOptions Options { get; }

    /// <summary>Makes a channel; nothing is connected yet.</summary>
    /// <param name="address"><c>unix:///run/x.sock</c>, <c>http://host:port</c> or <c>https://host:port</c>.</param>
    /// <param name="options">How to connect and call.</param>
    /// <exception cref="ArgumentException">The address is none of these.</exception>
    public static RpcChannel ForAddress(string address, RpcChannelOptions? options = null) =>
        new(RpcAddress.Parse(address), options ?? new RpcChannelOptions());

    /// <inheritdoc/>
    public override CallInvoker CreateCallInvoker() => new HttpCallInvoker(this);

    /// <summary>Cancels the running calls and closes the connections.</summary>
    public ValueTask DisposeAsync()
    {
        _disposed = true;
        foreach (IRunningCall call in _calls.Keys)
        {
            call.Cancel(new Status(StatusCode.Cancelled, "the channel was closed"));
        }

        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    internal void Add(IRunningCall call)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _calls.TryAdd(call, 0);
        if (_disposed)
        {
            call.Cancel(new Status(StatusCode.Cancelled, "the channel was closed"));
        }
    }

    internal void Remove(IRunningCall call) => _calls.TryRemove(call, out _);

    internal Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        _http.SendAsync(request, cancellationToken);

    /// <inheritdoc/>
    protected override Task ShutdownAsyncCore() => DisposeAsync().AsTask();

    private static SocketsHttpHandler MakeHandler(RpcAddress address, RpcChannelOptions options)
    {
        var handler = new SocketsHttpHandler
        {
            // A proxy or cookie jar from the environment has no place between the parts of a node.
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
            ConnectTimeout = options.ConnectTimeout,
            EnableMultipleHttp2Connections = true,
            InitialHttp2StreamWindowSize = 1024 * 1024,
            KeepAlivePingDelay = options.KeepAlivePingDelay,
            KeepAlivePingTimeout = options.KeepAlivePingTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        };
        if (options.SslOptions is not null)
        {
            handler.SslOptions = options.SslOptions;
        }

        if (address.SocketPath is { } path)
        {
            handler.ConnectCallback = (_, cancellationToken) => ConnectUnixAsync(path, cancellationToken);
        }

        return handler;
    }

    private static async ValueTask<Stream> ConnectUnixAsync(string path, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
