using Grpc.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Abstractions;
using PodAgent.Rpc.Client;
using PodAgent.Rpc.Server;
using PodAgent.Rpc.Tests.Echo;
using PodAgent.Rpc.Tests.Support;

namespace PodAgent.Rpc.Tests.Server;

/// <summary>The server without a host around it.</summary>
public sealed class RpcServerTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("rpc-server-");

    private string Socket => Path.Combine(_directory.FullName, "s");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Call_IsAnswered()
    {
        await using RpcServer server = Make(new EchoServer { OnUnary = (request, _) => Task.FromResult(new EchoResponse { Text = request.Text }) });
        await server.StartAsync(CancellationToken.None);
        await using RpcChannel channel = RpcChannel.ForAddress("unix://" + Socket);

        EchoResponse response = await new EchoService.EchoServiceClient(channel).UnaryAsync(new EchoRequest { Text = "hello" });

        Assert.Equal("hello", response.Text);
        await server.StopAsync(CancellationToken.None).WaitAsync(s_patience);
    }

    [Fact]
    public async Task Stop_EndlessStream_EndsWithTheMessage()
    {
        await using RpcServer server = Make(new EchoServer());
        await server.StartAsync(CancellationToken.None);
        await using RpcChannel channel = RpcChannel.ForAddress("unix://" + Socket);
        using AsyncServerStreamingCall<EchoResponse> call = new EchoService.EchoServiceClient(channel).Expand(new EchoRequest { Repeat = 1, Hang = true });
        Assert.True(await call.ResponseStream.MoveNext());

        Task stop = server.StopAsync(CancellationToken.None);

        RpcException error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext().WaitAsync(s_patience));
        Assert.Equal(new Status(StatusCode.Unavailable, "closing time"), error.Status);
        await stop.WaitAsync(s_patience);
    }

    private RpcServer Make(EchoServer echo) => new(
        RpcTestServer.MakeRegistry(echo),
        new RpcServerOptions { ShutdownGrace = TimeSpan.FromMilliseconds(50), ShutdownMessage = "closing time" },
        NullLoggerFactory.Instance,
        kestrel => kestrel.ListenUnixSocket(Socket, listen => listen.Protocols = HttpProtocols.Http2));
}
