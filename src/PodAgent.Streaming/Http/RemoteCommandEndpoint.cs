using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using PodAgent.Streaming.RemoteCommand;
using PodAgent.Streaming.Spdy;

namespace PodAgent.Streaming.Http;

/// <summary>Serves exec and attach requests over whichever protocol the client asks for.</summary>
public sealed class RemoteCommandEndpoint(StreamingOptions options)
{
    /// <summary>Agrees on a protocol, runs the session to its end, and tells the client how it went.</summary>
    /// <param name="context">The request.</param>
    /// <param name="wanted">What it is for.</param>
    /// <param name="session">Runs the session; what it throws becomes the status. Its token ends when the server does, or the session was idle too long.</param>
    /// <param name="stopping">Ends the session.</param>
    public Task ServeAsync(
        HttpContext context, RemoteCommandStreams wanted, Func<IRemoteCommandSession, CancellationToken, Task<RemoteCommandStatus>> session,
        CancellationToken stopping) =>
        ConnectionUpgrade.IsWebSocket(context.Request) ? ServeWebSocketAsync(context, wanted, session, stopping) : ServeSpdyAsync(context, wanted, session, stopping);

    private async Task ServeSpdyAsync(
        HttpContext context, RemoteCommandStreams wanted, Func<IRemoteCommandSession, CancellationToken, Task<RemoteCommandStatus>> session,
        CancellationToken stopping)
    {
        string[] offered = ConnectionUpgrade.Values(context.Request.Headers[ConnectionUpgrade.ProtocolHeader]);
        if (RemoteCommandProtocol.ForSpdy(offered) is not { } protocol)
        {
            await ConnectionUpgrade.RefuseProtocolAsync(context, offered, RemoteCommandProtocol.SpdyNames).ConfigureAwait(false);
            return;
        }

        if (await ConnectionUpgrade.ToSpdyAsync(context, protocol.Name).ConfigureAwait(false) is not { } upgraded)
        {
            return;
        }

        await using var transport = new IdleTimeoutStream(upgraded, options.IdleTimeout, options.Time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stopping, transport.Idle);
        await using var connection = SpdyConnection.Start(transport, SpdyRole.Server, options.Spdy);
        using var creation = new CancellationTokenSource(options.CreationTimeout, options.Time);
        using var accept = CancellationTokenSource.CreateLinkedTokenSource(stop.Token, creation.Token);
        SpdyRemoteCommand command;
        try
        {
            command = await SpdyRemoteCommand.AcceptAsync(connection, protocol, wanted, accept.Token).ConfigureAwait(false);
        }
        catch (Exception late) when (late is IOException or OperationCanceledException)
        {
            // The client left, or did not open its streams in time: there is nobody to tell.
            return;
        }

        await RunAsync(command, session, stop.Token).ConfigureAwait(false);
    }

    private async Task ServeWebSocketAsync(
        HttpContext context, RemoteCommandStreams wanted, Func<IRemoteCommandSession, CancellationToken, Task<RemoteCommandStatus>> session,
        CancellationToken stopping)
    {
        string[] offered = ConnectionUpgrade.OfferedWebSocketProtocols(context.Request);
        if (RemoteCommandProtocol.ForWebSocket(offered) is not { } protocol)
        {
            await ConnectionUpgrade.RefuseProtocolAsync(context, offered, RemoteCommandProtocol.WebSocketNames).ConfigureAwait(false);
            return;
        }

        using WebSocket? socket = await ConnectionUpgrade.ToWebSocketAsync(context, protocol.Name).ConfigureAwait(false);
        if (socket is null)
        {
            return;
        }

        try
        {
            await using WebSocketRemoteCommand command =
                await WebSocketRemoteCommand.StartAsync(socket, protocol, wanted, stopping).ConfigureAwait(false);
            await RunAsync(command, session, stopping).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // The client left at once.
        }
    }

    private static async Task RunAsync(
        IRemoteCommandSession command, Func<IRemoteCommandSession, CancellationToken, Task<RemoteCommandStatus>> session, CancellationToken stop)
    {
        await using (command)
        {
            RemoteCommandStatus status;
            try
            {
                status = await session(command, stop).ConfigureAwait(false);
            }
            catch (Exception failure) when (!command.ClientGone.IsCancellationRequested)
            {
                status = RemoteCommandStatus.Failed(stop.IsCancellationRequested ? "the session was ended by the server" : failure.Message);
            }
            catch (Exception)
            {
                // The client has gone, which is what ended the session, and nobody is left to tell.
                return;
            }

            try
            {
                await command.CompleteAsync(status, CancellationToken.None).ConfigureAwait(false);
            }
            catch (IOException)
            {
                // It left a moment before the end.
            }
        }
    }
}
