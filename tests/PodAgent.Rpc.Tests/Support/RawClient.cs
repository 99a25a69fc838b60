using System.Buffers.Binary;
using System.Net;
using System.Net.Http;
using System.Net.Sockets;

namespace PodAgent.Rpc.Tests.Support;

/// <summary>HTTP requests made by hand, to break the rules of gRPC on purpose.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly HttpMessageInvoker _http;

    public RawClient(string socketPath)
    {
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
    }

    public static byte[] Frame(byte flag, byte[] message)
    {
        byte[] frame = new byte[5 + message.Length];
        frame[0] = flag;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame, 5);
        return frame;
    }

    /// <summary>Posts bytes to a path; the answer is read to its end.</summary>
    public async Task<RawResponse> PostAsync(string path, byte[] body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://localhost" + path)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.TryAddWithoutValidation("content-type", "application/grpc");
        return await SendAsync(request, headers);
    }

    public async Task<RawResponse> SendAsync(HttpRequestMessage request, params (string Name, string Value)[] headers)
    {
        foreach ((string name, string value) in headers)
        {
            if (name == "content-type")
            {
                request.Content!.Headers.Remove(name);
                request.Content.Headers.TryAddWithoutValidation(name, value);
            }
            else
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using HttpResponseMessage response = await _http.SendAsync(request, CancellationToken.None);
        byte[] body = await response.Content.ReadAsByteArrayAsync();
        var all = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach ((string name, IEnumerable<string> values) in
            response.Headers.Concat(response.Content.Headers).Concat(response.TrailingHeaders))
        {
            all[name] = string.Join(",", values);
        }

        return new RawResponse((int)response.StatusCode, all, body, response.TrailingHeaders.Contains("grpc-status"));
    }

    public void Dispose() => _http.Dispose();
}

internal sealed record RawResponse(int HttpStatus, IReadOnlyDictionary<string, string> Headers, byte[] Body, bool HasTrailers)
{
    public string? GrpcStatus => Headers.GetValueOrDefault("grpc-status");

    public string GrpcMessage => Headers.GetValueOrDefault("grpc-message") ?? "";
}
