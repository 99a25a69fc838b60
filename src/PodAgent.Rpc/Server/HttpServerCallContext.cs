using Grpc.Core;
using Microsoft.AspNetCore.Http;
using PodAgent.Rpc.Protocol;

namespace PodAgent.Rpc.Server;

/// <summary>The context of a call over HTTP/2.</summary>
internal sealed class HttpServerCallContext(
    HttpContext http, IMethod method, CallLifetime lifetime, Metadata requestHeaders, bool compress)
    : RpcCallContext(method, lifetime, requestHeaders)
{
    private readonly Lock _lock = new();
    private Task _headersSent = Task.CompletedTask;
    private bool _headersWritten;
    private bool _ended;
    private string? _peer;
    private AuthContext? _authContext;

    /// <summary>Whether responses are compressed unless they say otherwise.</summary>
    internal bool Compress => compress;

    /// <summary>Whether a message was written, flushed or not: the status has to be a trailer then.</summary>
    internal bool BodyWritten { get; set; }

    protected override string HostCore => http.Request.Host.Value ?? "";

    protected override string PeerCore => _peer ??= HttpPeer.Describe(http);

    protected override AuthContext AuthContextCore => _authContext ??= HttpPeer.Authenticate(http);

    protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders)
    {
        ArgumentNullException.ThrowIfNull(responseHeaders);
        lock (_lock)
        {
            if (_ended)
            {
                throw new InvalidOperationException("cannot send the response headers: the call has ended");
            }

            if (_headersWritten || http.Response.HasStarted)
            {
                throw new InvalidOperationException("the response headers were sent before");
            }

            string[] values = [.. responseHeaders.Select(MetadataHeaders.Encode)];
            PrepareHeaders();
            for (int i = 0; i < values.Length; i++)
            {
                if (!ProtocolHeaders.IsReserved(responseHeaders[i].Key))
                {
                    http.Response.Headers.Append(responseHeaders[i].Key, values[i]);
                }
            }

            return _headersSent = http.Response.BodyWriter.FlushAsync(CancellationToken).AsTask();
        }
    }

    /// <summary>Sets the headers of the protocol, once; they go out with the first bytes.</summary>
    internal void PrepareHeaders()
    {
        if (_headersWritten)
        {
            return;
        }

        _headersWritten = true;
        IHeaderDictionary headers = http.Response.Headers;
        http.Response.ContentType = ContentTypes.Grpc;
        headers[ProtocolHeaders.AcceptEncoding] = MessageEncodings.Accepted;
        if (compress)
        {
            headers[ProtocolHeaders.Encoding] = MessageEncodings.Gzip;
        }
    }

    /// <summary>Shuts the response for the handler, and waits for headers on their way.</summary>
    internal async ValueTask EndAsync()
    {
        lock (_lock)
        {
            _ended = true;
        }

        await _headersSent.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
