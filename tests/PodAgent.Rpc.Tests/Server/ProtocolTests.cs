using System.IO.Compression;
using System.Net.Http;
using Google.Protobuf;
using Grpc.Core;
using PodAgent.Rpc.Server;
using PodAgent.Rpc.Tests.Echo;
using PodAgent.Rpc.Tests.Support;

namespace PodAgent.Rpc.Tests.Server;

/// <summary>What the server answers to requests that no good client sends.</summary>
public sealed class ProtocolTests : IAsyncLifetime
{
    private const string Unary = "/podagent.rpc.tests.EchoService/Unary";
    private const string Chat = "/podagent.rpc.tests.EchoService/Chat";

    private readonly EchoServer _echo = new();
    private RpcTestServer _server = null!;
    private RawClient _client = null!;

    public async Task InitializeAsync()
    {
        _server = await RpcTestServer.StartAsync(
            _echo, new RpcServerOptions { MaxReceiveMessageSize = 100_000, MaxSendMessageSize = 1000 });
        _client = new RawClient(_server.SocketPath);
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Post_GoodRequest_HasHeadersMessageAndTrailers()
    {
        RawResponse response = await _client.PostAsync(Unary, Message(new EchoRequest { Text = "x" }));

        Assert.Equal(200, response.HttpStatus);
        Assert.Equal("application/grpc", response.Headers["content-type"]);
        Assert.Equal("identity,gzip", response.Headers["grpc-accept-encoding"]);
        Assert.Equal("0", response.GrpcStatus);
        Assert.True(response.HasTrailers);
        Assert.Equal("x", EchoResponse.Parser.ParseFrom(response.Body.AsSpan(5)).Text);
    }

    [Theory]
    [InlineData("application/grpc+proto")]
    [InlineData("application/grpc;charset=utf-8")]
    [InlineData("Application/gRPC")]
    public async Task Post_OtherSpellingOfContentType_IsServed(string contentType)
    {
        RawResponse response = await _client.PostAsync(Unary, Message(new EchoRequest()), ("content-type", contentType));

        Assert.Equal("0", response.GrpcStatus);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/grpc+json")]
    [InlineData("application/grpc-web")]
    [InlineData("application/grpcx")]
    public async Task Post_OtherContentType_Is415(string contentType)
    {
        RawResponse response = await _client.PostAsync(Unary, Message(new EchoRequest()), ("content-type", contentType));

        Assert.Equal(415, response.HttpStatus);
        Assert.Contains("application/grpc", System.Text.Encoding.UTF8.GetString(response.Body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_Method_Is405()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://localhost" + Unary) { Version = new(2, 0) };
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;

        RawResponse response = await _client.SendAsync(request);

        Assert.Equal(405, response.HttpStatus);
        Assert.Equal("POST", response.Headers["allow"]);
    }

    [Fact]
    public async Task Get_OtherRoutes_AreNotDisturbed()
    {
        using var health = new HttpRequestMessage(HttpMethod.Get, "http://localhost/healthz") { Version = new(2, 0) };
        health.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        using var nothing = new HttpRequestMessage(HttpMethod.Get, "http://localhost/no/such/thing") { Version = new(2, 0) };
        nothing.VersionPolicy = HttpVersionPolicy.RequestVersionExact;

        Assert.Equal("ok", System.Text.Encoding.UTF8.GetString((await _client.SendAsync(health)).Body));
        Assert.Equal(404, (await _client.SendAsync(nothing)).HttpStatus);
    }

    [Fact]
    public async Task Post_Http1_Is505()
    {
        await using RpcTestServer server = await RpcTestServer.StartAsync(new EchoServer(), http1: true);
        using var client = new RawClient(server.SocketPath);
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://localhost" + Unary) { Content = new ByteArrayContent([]) };
        request.Content.Headers.TryAddWithoutValidation("content-type", "application/grpc");

        RawResponse response = await client.SendAsync(request);

        Assert.Equal(505, response.HttpStatus);
        Assert.Contains("HTTP/2", System.Text.Encoding.UTF8.GetString(response.Body), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/podagent.rpc.tests.EchoService/unary")]
    [InlineData("/podagent.rpc.tests.EchoService")]
    [InlineData("/no.such/Thing")]
    [InlineData("/a/b/c")]
    [InlineData("/")]
    public async Task Post_UnknownPath_IsUnimplemented(string path)
    {
        RawResponse response = await _client.PostAsync(path, Message(new EchoRequest()));

        Assert.Equal(200, response.HttpStatus);
        Assert.Equal("12", response.GrpcStatus);
        Assert.False(response.HasTrailers);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("S")]
    [InlineData("123456789S")]
    [InlineData("-1S")]
    [InlineData("1s")]
    [InlineData("1.5S")]
    public async Task Post_BadTimeout_IsInternal(string timeout)
    {
        RawResponse response = await _client.PostAsync(Unary, Message(new EchoRequest()), ("grpc-timeout", timeout));

        Assert.Equal("13", response.GrpcStatus);
    }

    [Fact]
    public async Task Post_Timeout_EndsInDeadlineExceeded()
    {
        RawResponse response = await _client.PostAsync(Unary, Message(new EchoRequest { Hang = true }), ("grpc-timeout", "100m"));

        Assert.Equal("4", response.GrpcStatus);
    }

    [Fact]
    public async Task Post_UnknownEncoding_IsUnimplementedWithAcceptList()
    {
        RawResponse response = await _client.PostAsync(Unary, Message(new EchoRequest()), ("grpc-encoding", "snappy"));

        Assert.Equal("12", response.GrpcStatus);
        Assert.Equal("identity,gzip", response.Headers["grpc-accept-encoding"]);
        Assert.Contains("snappy", response.GrpcMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_GzipMessage_IsServed()
    {
        byte[] frame = RawClient.Frame(1, Gzip(new EchoRequest { Text = "packed" }.ToByteArray()));

        RawResponse response = await _client.PostAsync(Unary, frame, ("grpc-encoding", "gzip"));

        Assert.Equal("packed", EchoResponse.Parser.ParseFrom(response.Body.AsSpan(5)).Text);
    }

    [Fact]
    public async Task Post_DecompressionBomb_IsResourceExhausted()
    {
        byte[] frame = RawClient.Frame(1, Gzip(new byte[50_000_000]));
        Assert.InRange(frame.Length, 1, 100_000);

        RawResponse response = await _client.PostAsync(Unary, frame, ("grpc-encoding", "gzip"));

        Assert.Equal("8", response.GrpcStatus);
        Assert.Contains("100000 bytes", response.GrpcMessage, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gzip", 1, "13")]
    [InlineData("identity", 1, "13")]
    [InlineData("gzip", 2, "13")]
    [InlineData("gzip", 0, "0")]
    public async Task Post_PlainMessageWithFlag_IsJudgedByFlagAndEncoding(string encoding, byte flag, string status)
    {
        byte[] frame = RawClient.Frame(flag, new EchoRequest { Text = "plain" }.ToByteArray());

        RawResponse response = await _client.PostAsync(Unary, frame, ("grpc-encoding", encoding));

        Assert.Equal(status, response.GrpcStatus);
    }

    [Fact]
    public async Task Post_LargeRequest_IsResourceExhaustedWithSizes()
    {
        RawResponse response = await _client.PostAsync(Unary, RawClient.Frame(0, new byte[100_001]));

        Assert.Equal("8", response.GrpcStatus);
        Assert.Equal("received a message of 100001 bytes, the limit is 100000 bytes", response.GrpcMessage);
    }

    [Fact]
    public async Task Post_LargeResponse_IsResourceExhaustedWithSizes()
    {
        RawResponse response = await _client.PostAsync(Unary, Message(new EchoRequest { ResponseSize = 2000 }));

        Assert.Equal("8", response.GrpcStatus);
        Assert.Matches("^cannot send a message of 20\\d\\d bytes, the limit is 1000 bytes$", response.GrpcMessage);
        Assert.Empty(response.Body);
    }

    [Theory]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { 0, 0 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 5, 1 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 1, 0xFF })]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 })]
    public async Task Post_BrokenUnaryBody_IsInternal(byte[] body)
    {
        RawResponse response = await _client.PostAsync(Unary, body);

        Assert.Equal("13", response.GrpcStatus);
    }

    [Fact]
    public async Task Post_StreamThatBreaks_IsInternalAfterResponses()
    {
        RawResponse response = await _client.PostAsync(Chat, [.. Message(new EchoRequest { Text = "1" }), 0, 0]);

        Assert.Equal("13", response.GrpcStatus);
        Assert.True(response.HasTrailers);
        Assert.NotEmpty(response.Body);
    }

    [Fact]
    public async Task Post_BadBinaryMetadata_IsInternal()
    {
        RawResponse response = await _client.PostAsync(Unary, Message(new EchoRequest()), ("x-echo-bin", "*not base64*"));

        Assert.Equal("13", response.GrpcStatus);
        Assert.Contains("x-echo-bin", response.GrpcMessage, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AQI=", "AQI")]
    [InlineData("AQI", "AQI")]
    [InlineData("AQI=,Bw", "AQI,Bw")]
    public async Task Post_BinaryMetadata_IsReadWithAndWithoutPadding(string sent, string returned)
    {
        RawResponse response = await _client.PostAsync(Unary, Message(new EchoRequest()), ("x-echo-bin", sent));

        Assert.Equal("0", response.GrpcStatus);
        Assert.Equal(returned, response.Headers["x-echo-bin"].Replace(" ", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Post_ClientAcceptsGzip_ResponseIsCompressedUnlessRefused()
    {
        await using RpcTestServer server = await RpcTestServer.StartAsync(_echo, new RpcServerOptions { CompressResponses = true });
        using var client = new RawClient(server.SocketPath);
        var request = new EchoRequest { Text = new string('a', 1000) };

        RawResponse plain = await client.PostAsync(Unary, Message(request));
        RawResponse packed = await client.PostAsync(Unary, Message(request), ("grpc-accept-encoding", "identity, gzip"));
        _echo.OnUnary = (r, context) =>
        {
            context.WriteOptions = new WriteOptions(WriteFlags.NoCompress);
            return Task.FromResult(new EchoResponse { Text = r.Text });
        };
        RawResponse refused = await client.PostAsync(Unary, Message(request), ("grpc-accept-encoding", "gzip"));

        Assert.Equal(0, plain.Body[0]);
        Assert.Equal(1, packed.Body[0]);
        Assert.Equal("gzip", packed.Headers["grpc-encoding"]);
        Assert.InRange(packed.Body.Length, 10, 200);
        Assert.Equal(0, refused.Body[0]);
    }

    private static byte[] Message(EchoRequest request) => RawClient.Frame(0, request.ToByteArray());

    private static byte[] Gzip(byte[] bytes)
    {
        using var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Optimal))
        {
            gzip.Write(bytes);
        }

        return target.ToArray();
    }
}
