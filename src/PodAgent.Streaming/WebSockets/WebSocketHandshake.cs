using System.Security.Cryptography;
using System.Text;

namespace PodAgent.Streaming.WebSockets;

/// <summary>
/// The server's part of RFC 6455 section 4.2. Done here because the framework's refuses sub-protocol names with a slash, and
/// <c>SPDY/3.1+portforward.k8s.io</c> has one.
/// </summary>
public static class WebSocketHandshake
{
    private const string Magic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    /// <summary>The answer to a client's <c>Sec-WebSocket-Key</c>.</summary>
    public static string Accept(string key) => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + Magic)));

    /// <summary>Whether this is a key: 16 bytes in base64.</summary>
    public static bool IsKey(string key)
    {
        Span<byte> bytes = stackalloc byte[18];
        return key.Length == 24 && Convert.TryFromBase64String(key, bytes, out int length) && length == 16;
    }
}
