using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using PodAgent.Rpc.Client;
using PodAgent.Rpc.Tests.Echo;
using PodAgent.Rpc.Tests.Support;

namespace PodAgent.Rpc.Tests.Client;

public sealed class ConnectTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("rpc-test-");

    private string SocketPath => Path.Combine(_directory.FullName, "s");

    public void Dispose()
    {
        if (Directory.Exists(_directory.FullName))
        {
            _directory.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Connect_NoSocket_NamesPathAndCause() =>
        Assert.Equal(
            new Status(StatusCode.Unavailable, $"cannot connect to \"unix://{SocketPath}\": no such file or directory"),
            await CallAsync($"unix://{SocketPath}"));

    [Fact]
    public async Task Connect_SocketThatNobodyListensOn_NamesPathAndCause()
    {
        using (var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            socket.Bind(new UnixDomainSocketEndPoint(SocketPath));
            Assert.Equal(
                new Status(StatusCode.Unavailable, $"cannot connect to \"unix://{SocketPath}\": connection refused"),
                await CallAsync($"unix://{SocketPath}"));
        }
    }

    [Fact]
    public async Task Connect_ClosedPort_NamesAddressAndCause()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        string address = $"http://{listener.LocalEndPoint}";

        Assert.Equal(new Status(StatusCode.Unavailable, $"cannot connect to \"{address}\": connection refused"), await CallAsync(address));
    }

    [Fact]
    public async Task Connect_WaitForReady_WaitsForTheServer()
    {
        await using RpcChannel channel = RpcChannel.ForAddress($"unix://{SocketPath}");
        AsyncUnaryCall<EchoResponse> call = new EchoService.EchoServiceClient(channel)
            .UnaryAsync(
                new EchoRequest { Text = "patient" }, new CallOptions().WithWaitForReady().WithDeadline(DateTime.UtcNow + s_patience));
        Assert.False(call.ResponseAsync.IsCompleted);

        await using RpcTestServer server = await RpcTestServer.StartAsync(new EchoServer(), socketDirectory: _directory.FullName);

        Assert.Equal("patient", (await call).Text);
    }

    [Fact]
    public async Task Connect_WaitForReady_EndsAtTheDeadline()
    {
        await using RpcChannel channel = RpcChannel.ForAddress($"unix://{SocketPath}");
        var client = new EchoService.EchoServiceClient(channel);

        RpcException error = await Assert.ThrowsAsync<RpcException>(async () => await client.UnaryAsync(
            new EchoRequest(), new CallOptions().WithWaitForReady().WithDeadline(DateTime.UtcNow.AddMilliseconds(200))));

        Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
    }

    [Fact]
    public async Task KeepAlive_SilentServer_EndsCallInUnavailable()
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
        listener.Listen();
        await using RpcChannel channel = RpcChannel.ForAddress(
            $"unix://{SocketPath}",
            new RpcChannelOptions { KeepAlivePingDelay = TimeSpan.FromSeconds(1), KeepAlivePingTimeout = TimeSpan.FromSeconds(1) });
        AsyncUnaryCall<EchoResponse> call = new EchoService.EchoServiceClient(channel).UnaryAsync(new EchoRequest());
        using Socket connection = await listener.AcceptAsync();

        // An empty SETTINGS frame makes the connection valid; after that nothing is ever answered.
        await connection.SendAsync(new byte[] { 0, 0, 0, 4, 0, 0, 0, 0, 0 });

        RpcException error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync.WaitAsync(s_patience));
        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
    }

    [Fact]
    public async Task Connect_ServerRestarted_ChannelConnectsAgain()
    {
        await using RpcChannel channel = RpcChannel.ForAddress($"unix://{SocketPath}");
        var client = new EchoService.EchoServiceClient(channel);
        CallOptions waiting = new CallOptions().WithWaitForReady().WithDeadline(DateTime.UtcNow + s_patience);
        RpcTestServer first = await RpcTestServer.StartAsync(new EchoServer(), socketDirectory: _directory.FullName);
        await client.UnaryAsync(new EchoRequest(), waiting);
        await first.StopAsync();
        File.Delete(SocketPath);

        await using RpcTestServer second = await RpcTestServer.StartAsync(new EchoServer(), socketDirectory: _directory.FullName);

        Assert.Equal("again", (await client.UnaryAsync(new EchoRequest { Text = "again" }, waiting)).Text);
        await first.StopAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Connect_WithoutTrust_IsUnavailable(bool serverTrusted)
    {
        await using RpcTestServer server = await RpcTestServer.StartAsync(new EchoServer(), tls: true);

        // Either the server's certificate is not trusted here, or this client shows none.
        Status status = await CallAsync(
            server.Address, new RpcChannelOptions { SslOptions = serverTrusted ? TestCertificates.ClientOptions(null) : null });

        Assert.Equal(StatusCode.Unavailable, status.StatusCode);
        Assert.Contains(server.Address, status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dispose_RunningCall_IsCancelled()
    {
        var echo = new EchoServer();
        await using RpcTestServer server = await RpcTestServer.StartAsync(echo);
        RpcChannel channel = RpcChannel.ForAddress(server.Address);
        var client = new EchoService.EchoServiceClient(channel);
        AsyncUnaryCall<EchoResponse> call = client.UnaryAsync(new EchoRequest { Hang = true });
        Assert.Equal("hanging", await echo.Events.ReadAsync());

        await channel.ShutdownAsync();

        RpcException error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync.WaitAsync(s_patience));
        Assert.Equal(StatusCode.Cancelled, error.StatusCode);
        Assert.Equal("cancelled", await echo.Events.ReadAsync().AsTask().WaitAsync(s_patience));
        Assert.Throws<ObjectDisposedException>(() => { AsyncUnaryCall<EchoResponse> late = client.UnaryAsync(new EchoRequest()); });
    }

    [Theory]
    [InlineData("unix:relative")]
    [InlineData("unix://relative/path")]
    [InlineData("localhost:80")]
    [InlineData("ftp://host")]
    [InlineData("http://host/path")]
    [InlineData("")]
    public void ForAddress_Nonsense_IsRefused(string address) =>
        Assert.Throws<ArgumentException>(() => { RpcChannel channel = RpcChannel.ForAddress(address); });

    [Fact]
    public void ForAddress_TooLongSocketPath_IsRefused() =>
        Assert.Throws<ArgumentException>(() => { RpcChannel channel = RpcChannel.ForAddress("unix:///" + new string('x', 107)); });

    private static async Task<Status> CallAsync(string address, RpcChannelOptions? options = null)
    {
        await using RpcChannel channel = RpcChannel.ForAddress(address, options);
        RpcException error = await Assert.ThrowsAsync<RpcException>(
            async () => await new EchoService.EchoServiceClient(channel).UnaryAsync(new EchoRequest()));
        return error.Status;
    }
}
