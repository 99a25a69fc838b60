using System.ComponentModel;
using System.Net.Http;
using System.Net.Sockets;
using System.Security.Authentication;
using Grpc.Core;
using PodAgent.Rpc.Protocol;

namespace PodAgent.Rpc.Client;

/// <summary>What a failure of the HTTP client means for a call.</summary>
internal static class TransportErrors
{
    private const long ProtocolError = 0x1;

    /// <summary>Whether no connection came about, so that nothing of the call has reached the server.</summary>
    internal static bool IsConnectFailure(Exception exception) => exception is HttpRequestException
    {
        HttpRequestError: HttpRequestError.ConnectionError
            or HttpRequestError.NameResolutionError
            or HttpRequestError.SecureConnectionError,
    };

    /// <param name="exception">What the HTTP client threw.</param>
    /// <param name="address">The server.</param>
    /// <param name="pinging">Whether keep-alive pings are on.</param>
    internal static Status ToStatus(Exception exception, RpcAddress address, bool pinging)
    {
        if (IsConnectFailure(exception))
        {
            return new Status(StatusCode.Unavailable, $"cannot connect to \"{address.Text}\": {Cause(exception, address)}", exception);
        }

        for (Exception? e = exception; e is not null; e = e.InnerException)
        {
            if (e is HttpProtocolException { ErrorCode: ProtocolError } && pinging)
            {
                // The HTTP client reports a ping without an answer as this error, and a real one of the peer is far rarer.
                return new Status(
                    StatusCode.Unavailable, $"the connection to \"{address.Text}\" was lost: no answer to pings", exception);
            }

            if (e is HttpProtocolException { ErrorCode: >= 0 } protocol)
            {
                return new Status(
                    StatusMapping.FromHttp2Error(protocol.ErrorCode),
                    $"\"{address.Text}\" ended the call with the HTTP/2 error 0x{protocol.ErrorCode:x}",
                    exception);
            }
        }

        return new Status(StatusCode.Unavailable, $"the connection to \"{address.Text}\" was lost: {Cause(exception, address)}", exception);
    }

    private static string Cause(Exception exception, RpcAddress address)
    {
        Exception cause = exception;
        for (Exception? e = exception; e is not null; e = e.InnerException)
        {
            cause = e;
            if (e is SocketException or AuthenticationException)
            {
                break;
            }
        }

        return cause switch
        {
            // .NET reports ENOENT of connect(2) as this error, which a Unix socket cannot have otherwise.
            SocketException { SocketErrorCode: SocketError.AddressNotAvailable } when address.SocketPath is not null =>
                "no such file or directory",

            // The text of errno from the C library; the message of the exception may be trimmed away or have the address in it.
            SocketException socket => LowerFirst(new Win32Exception(socket.NativeErrorCode).Message),
            AuthenticationException => $"the TLS handshake failed: {Innermost(cause).Message}",
            OperationCanceledException or TimeoutException => "no answer in time",
            HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded } or EndOfStreamException => "it was closed by the server",
            HttpIOException http => $"HTTP error {http.HttpRequestError}",
            HttpRequestException http => $"HTTP error {http.HttpRequestError}",
            _ => LowerFirst(cause.Message),
        };
    }

    private static Exception Innermost(Exception exception)
    {
        while (exception.InnerException is { } inner)
        {
            exception = inner;
        }

        return exception;
    }

    private static string LowerFirst(string text) =>
        text.Length > 1 && char.IsUpper(text[0]) && char.IsLower(text[1]) ? char.ToLowerInvariant(text[0]) + text[1..] : text;
}
