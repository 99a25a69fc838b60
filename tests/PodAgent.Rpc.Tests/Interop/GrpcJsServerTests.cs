using System.Diagnostics;
using Google.Protobuf;
using Grpc.Core;
using PodAgent.Rpc.Client;
using PodAgent.Rpc.Tests.Echo;
using PodAgent.Rpc.Tests.Support;

namespace PodAgent.Rpc.Tests.Interop;

/// <summary>The client here against the server of grpc-js.</summary>
public abstract class GrpcJsServerTests : IAsyncLifetime
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("rpc-test-");
    private Process _node = null!;
    private RpcChannel _channel = null!;
    private EchoService.EchoServiceClient _client = null!;

    protected abstract bool Tls { get; }

    protected virtual bool Compress => false;

    public async Task InitializeAsync()
    {
        Node.WriteCertificates(_directory.FullName);
        string socket = "unix://" + Path.Combine(_directory.FullName, "s");
        _node = Tls ? Node.Start("server.js", "127.0.0.1:0", _directory.FullName) : Node.Start("server.js", socket);
        string ready = await NextLineAsync();
        Assert.StartsWith("ready ", ready, StringComparison.Ordinal);
        _channel = RpcChannel.ForAddress(
            Tls ? $"https://localhost:{ready["ready ".Length..]}" : socket,
            new RpcChannelOptions
            {
                SslOptions = Tls ? TestCertificates.ClientOptions(TestCertificates.Client) : null,
                CompressRequests = Compress,
            });
        _client = new EchoService.EchoServiceClient(_channel);
    }

    public async Task DisposeAsync()
    {
        await _channel.DisposeAsync();
        _node.StandardInput.Close();
        try
        {
            await _node.WaitForExitAsync().WaitAsync(s_patience);
        }
        finally
        {
            _node.Kill();
            _node.Dispose();
            _directory.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Unary_RequestAndMetadata_AreAnswered()
    {
        var headers = new Metadata { { "x-echo", "text" }, { "x-echo-bin", [0, 255] }, { "x-echo-bin", [7] } };
        AsyncUnaryCall<EchoResponse> call = _client.UnaryAsync(
            new EchoRequest { Text = "hello" }, headers, DateTime.UtcNow.AddSeconds(50));

        EchoResponse response = await call;

        Assert.Equal("hello", response.Text);
        Assert.InRange(response.DeadlineMs, 40_000, 50_000);
        Assert.Equal("text", (await call.ResponseHeadersAsync).GetValue("x-echo"));
        Assert.Equal("text", call.GetTrailers().GetValue("x-echo"));
        Assert.Equal(["00FF", "07"], call.GetTrailers().GetAll("x-echo-bin").Select(entry => Convert.ToHexString(entry.ValueBytes)));
    }

    [Fact]
    public async Task Unary_EveryStatus_Arrives()
    {
        foreach (StatusCode code in Enum.GetValues<StatusCode>().Where(code => code != StatusCode.OK))
        {
            RpcException error = await Assert.ThrowsAsync<RpcException>(
                async () => await _client.UnaryAsync(new EchoRequest { FailCode = (int)code, FailMessage = "größer als 100%\n✓" }));
            Assert.Equal(new Status(code, "größer als 100%\n✓"), error.Status);
            Assert.Equal("as asked", error.Trailers.GetValue("reason"));
            Assert.Equal([1, 2, 3, 255], error.Trailers.GetValueBytes("grpc-status-details-bin")!);
        }
    }

    [Fact]
    public async Task Unary_LargeMessages_PassBothWays()
    {
        EchoResponse response = await _client.UnaryAsync(new EchoRequest { Payload = ByteString.CopyFrom(new byte[10_000_000]) });
        Assert.Equal(10_000_000, response.Payload.Length);

        RpcException error = await Assert.ThrowsAsync<RpcException>(
            async () => await _client.UnaryAsync(new EchoRequest { ResponseSize = 17 * 1024 * 1024 }));
        Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
    }

    [Fact]
    public async Task Unary_UnknownMethod_IsUnimplemented()
    {
        var health = new Grpc.Health.V1.Health.HealthClient(_channel);

        RpcException error = await Assert.ThrowsAsync<RpcException>(async () => await health.CheckAsync(new()));

        Assert.Equal(StatusCode.Unimplemented, error.StatusCode);
    }

    [Fact]
    public async Task Unary_Deadline_EndsCallOnBothSides()
    {
        RpcException error = await Assert.ThrowsAsync<RpcException>(
            async () => await _client.UnaryAsync(new EchoRequest { Hang = true }, deadline: DateTime.UtcNow.AddMilliseconds(300)));

        Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
        Assert.Equal("hanging", await NextLineAsync());
        Assert.Equal("cancelled", await NextLineAsync());
    }

    [Fact]
    public async Task ServerStreaming_ThenCancel_IsSeenByServer()
    {
        using AsyncServerStreamingCall<EchoResponse> call = _client.Expand(new EchoRequest { Repeat = 100, Hang = true });
        for (int i = 0; i < 100; i++)
        {
            Assert.True(await call.ResponseStream.MoveNext());
            Assert.Equal(i, call.ResponseStream.Current.Index);
        }

        Assert.Equal("hanging", await NextLineAsync());
        call.Dispose();

        Assert.Equal("cancelled", await NextLineAsync());
        Assert.Equal(StatusCode.Cancelled, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task ServerStreaming_FailureAfterResponses_ComesAfterThem()
    {
        using AsyncServerStreamingCall<EchoResponse> call =
            _client.Expand(new EchoRequest { Repeat = 2, FailCode = 15, FailMessage = "gone" });
        Assert.True(await call.ResponseStream.MoveNext());
        Assert.True(await call.ResponseStream.MoveNext());

        RpcException error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext());

        Assert.Equal(new Status(StatusCode.DataLoss, "gone"), error.Status);
    }

    [Fact]
    public async Task ClientStreaming_Requests_AreCollected()
    {
        using AsyncClientStreamingCall<EchoRequest, EchoResponse> call = _client.Collect();
        for (int i = 0; i < 200; i++)
        {
            await call.RequestStream.WriteAsync(new EchoRequest { Text = "x", Payload = ByteString.CopyFrom(new byte[5000]) });
        }

        await call.RequestStream.CompleteAsync();

        Assert.Equal(1_000_000, (await call).PayloadTotal);
    }

    [Fact]
    public async Task ClientStreaming_ServerFailsEarly_StatusArrives()
    {
        using AsyncClientStreamingCall<EchoRequest, EchoResponse> call = _client.Collect();

        // The status may be back before the write is done; then the write tells it.
        await Record.ExceptionAsync(() => call.RequestStream.WriteAsync(new EchoRequest { FailCode = 7, FailMessage = "not you" }));

        RpcException error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync.WaitAsync(s_patience));

        Assert.Equal(new Status(StatusCode.PermissionDenied, "not you"), error.Status);
    }

    [Fact]
    public async Task Duplex_PingPong_AnswersEachRequest()
    {
        using AsyncDuplexStreamingCall<EchoRequest, EchoResponse> call = _client.Chat();
        for (int i = 0; i < 50; i++)
        {
            await call.RequestStream.WriteAsync(new EchoRequest { Text = $"{i}" });
            Assert.True(await call.ResponseStream.MoveNext().WaitAsync(s_patience));
            Assert.Equal($"{i}", call.ResponseStream.Current.Text);
        }

        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext());
    }

    private async Task<string> NextLineAsync()
    {
        string? line = await _node.StandardOutput.ReadLineAsync().WaitAsync(s_patience);
        return line ?? throw new InvalidOperationException("the server ended: " + await _node.StandardError.ReadToEndAsync());
    }
}

public sealed class GrpcJsUnixServerTests : GrpcJsServerTests
{
    protected override bool Tls => false;
}

public sealed class GrpcJsTlsServerTests : GrpcJsServerTests
{
    protected override bool Tls => true;
}

public sealed class GrpcJsGzipServerTests : GrpcJsServerTests
{
    protected override bool Tls => false;

    protected override bool Compress => true;
}
