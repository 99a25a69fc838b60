using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using PodAgent.Streaming.WebSockets;

namespace PodAgent.Streaming.Http;

/// <summary>Turns an HTTP/1.1 request into a connection of another protocol (RFC 9110 section 7.8).</summary>
internal static class ConnectionUpgrade
{
    public const string Spdy = "SPDY/3.1";
    public const string ProtocolHeader = "X-Stream-Protocol-Version";

    private const string AcceptedHeader = "X-Accepted-Stream-Protocol-Versions";
    private const string WebSocketProtocolHeader = "Sec-WebSocket-Protocol";

    public static bool IsWebSocket(HttpRequest request) => HttpMethods.IsGet(request.Method) && Has(request.Headers.Upgrade, "websocket");

    /// <summary>Values of a header that may be repeated, or hold several separated by commas.</summary>
    public static string[] Values(StringValues header) =>
        [.. header.SelectMany(line => (line ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];

    public static string[] OfferedWebSocketProtocols(HttpRequest request) => Values(request.Headers[WebSocketProtocolHeader]);

    /// <summary>403, naming what would have been accepted.</summary>
    public static Task RefuseProtocolAsync(HttpContext context, IReadOnlyCollection<string> offered, IEnumerable<string> accepted)
    {
        string[] known = [.. accepted];
        context.Response.Headers[AcceptedHeader] = new StringValues(known);
        return RefuseAsync(
            context, StatusCodes.Status403Forbidden,
            $"unable to upgrade: unable to negotiate protocol: client supports [{string.Join(' ', offered)}], server accepts [{string.Join(' ', known)}]");
    }

    /// <summary>An error with its reason as text.</summary>
    public static Task RefuseAsync(HttpContext context, int status, string why)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(why + "\n", context.RequestAborted);
    }

    /// <summary>Answers 101 to a request for SPDY/3.1; null when it is none and has been refused.</summary>
    /// <param name="context">The request.</param>
    /// <param name="protocol">The sub-protocol to confirm; empty: none was asked for.</param>
    public static async Task<Stream?> ToSpdyAsync(HttpContext context, string protocol)
    {
        IHttpUpgradeFeature? feature = context.Features.Get<IHttpUpgradeFeature>();
        if (feature is not { IsUpgradableRequest: true } || !Has(context.Request.Headers.Upgrade, Spdy))
        {
            await RefuseAsync(
                context, StatusCodes.Status400BadRequest, $"unable to upgrade: missing upgrade headers in request (Connection: Upgrade, Upgrade: {Spdy})")
                .ConfigureAwait(false);
            return null;
        }

        context.Response.Headers.Upgrade = Spdy;
        if (protocol.Length > 0)
        {
            context.Response.Headers[ProtocolHeader] = protocol;
        }

        return await feature.UpgradeAsync().ConfigureAwait(false);
    }

    /// <summary>Answers 101 to a request for a WebSocket; null when it is none and has been refused.</summary>
    public static async Task<WebSocket?> ToWebSocketAsync(HttpContext context, string protocol)
    {
        IHeaderDictionary headers = context.Request.Headers;
        IHttpUpgradeFeature? feature = context.Features.Get<IHttpUpgradeFeature>();
        string key = headers["Sec-WebSocket-Key"].ToString();
        if (feature is not { IsUpgradableRequest: true } || !WebSocketHandshake.IsKey(key) || headers["Sec-WebSocket-Version"] != "13")
        {
            context.Response.Headers["Sec-WebSocket-Version"] = "13";
            await RefuseAsync(
                context, StatusCodes.Status400BadRequest, "unable to upgrade: a WebSocket needs Connection: Upgrade, Sec-WebSocket-Key and Sec-WebSocket-Version: 13")
                .ConfigureAwait(false);
            return null;
        }

        context.Response.Headers.Upgrade = "websocket";
        context.Response.Headers["Sec-WebSocket-Accept"] = WebSocketHandshake.Accept(key);
        if (protocol.Length > 0)
        {
            context.Response.Headers[WebSocketProtocolHeader] = protocol;
        }

        Stream transport = await feature.UpgradeAsync().ConfigureAwait(false);

        // Clients ping; pings of this side would only keep broken ones alive.
        return WebSocket.CreateFromStream(transport, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = TimeSpan.Zero });
    }

    private static bool Has(StringValues header, string token) => Values(header).Contains(token, StringComparer.OrdinalIgnoreCase);
}
