using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using PodAgent.Streaming.PortForwarding;
using PodAgent.Streaming.Spdy;
using PodAgent.Streaming.WebSockets;

namespace PodAgent.Streaming.Http;

/// <summary>Serves port-forward requests over whichever protocol the client asks for.</summary>
public sealed class PortForwardEndpoint(StreamingOptions options)
{
    private const string Protocol = "portforward.k8s.io";
    private const string Tunnel = ConnectionUpgrade.Spdy + "+" + Protocol;

    private static readonly string[] s_channels = ["v4.channel.k8s.io", "v4.base64.channel.k8s.io"];

    /// <summary>Agrees on a protocol and forwards until the client leaves.</summary>
    /// <param name="context">The request.</param>
    /// <param name="ports">For the WebSocket protocol with channels, whose clients cannot name ports later; may be empty.</param>
    /// <param name="connector">Where connections go.</param>
    /// <param name="stopping">Ends the session: the pod stops, or the server.</param>
    public Task ServeAsync(HttpContext context, IReadOnlyList<int> ports, IPortConnector connector, CancellationToken stopping) =>
        ConnectionUpgrade.IsWebSocket(context.Request)
            ? ServeWebSocketAsync(context, ports, connector, stopping)
            : ServeSpdyAsync(context, connector, stopping);

    private async Task ServeSpdyAsync(HttpContext context, IPortConnector connector, CancellationToken stopping)
    {
        string[] offered = ConnectionUpgrade.Values(context.Request.Headers[ConnectionUpgrade.ProtocolHeader]);
        if (offered.Length > 0 && !offered.Contains(Protocol))
        {
            await ConnectionUpgrade.RefuseProtocolAsync(context, offered, [Protocol]).ConfigureAwait(false);
            return;
        }

        // Clients insist on the echo.
        if (await ConnectionUpgrade.ToSpdyAsync(context, Protocol).ConfigureAwait(false) is { } upgraded)
        {
            await ForwardAsync(upgraded, connector, stopping).ConfigureAwait(false);
        }
    }

    private async Task ServeWebSocketAsync(HttpContext context, IReadOnlyList<int> ports, IPortConnector connector, CancellationToken stopping)
    {
        string[] offered = ConnectionUpgrade.OfferedWebSocketProtocols(context.Request);
        bool tunnel = offered.Contains(Tunnel);
        string? chosen = tunnel ? Tunnel : offered.Length == 0 ? "" : offered.FirstOrDefault(s_channels.Contains);
        if (chosen is null)
        {
            await ConnectionUpgrade.RefuseProtocolAsync(context, offered, [Tunnel, .. s_channels]).ConfigureAwait(false);
            return;
        }

        if (!tunnel && ports.Count is 0 or > WebSocketPortForward.MaxPorts)
        {
            await ConnectionUpgrade.RefuseAsync(
                context, StatusCodes.Status400BadRequest, $"the request must name 1 to {WebSocketPortForward.MaxPorts} ports, or use {Tunnel}").ConfigureAwait(false);
            return;
        }

        using WebSocket? socket = await ConnectionUpgrade.ToWebSocketAsync(context, chosen).ConfigureAwait(false);
        if (socket is null)
        {
            return;
        }

        if (tunnel)
        {
            await using var bytes = new WebSocketByteStream(socket);
            await ForwardAsync(bytes, connector, stopping).ConfigureAwait(false);
            await bytes.CloseAsync(CancellationToken.None).ConfigureAwait(false);
        }
        else
        {
            bool isBase64 = chosen == s_channels[1];
            await new WebSocketPortForward(socket, ports, isBase64, connector).RunAsync(stopping).ConfigureAwait(false);
        }
    }

    private async Task ForwardAsync(Stream upgraded, IPortConnector connector, CancellationToken stopping)
    {
        await using var transport = new IdleTimeoutStream(upgraded, options.IdleTimeout, options.Time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stopping, transport.Idle);
        await using var connection = SpdyConnection.Start(transport, SpdyRole.Server, options.Spdy);
        await new SpdyPortForward(connection, connector, options.CreationTimeout, options.Time).RunAsync(stop.Token).ConfigureAwait(false);
    }
}
