using Grpc.Core;
using PodAgent.Rpc.Client;
using PodAgent.Rpc.Server;
using PodAgent.Rpc.Tests.Echo;
using PodAgent.Rpc.Tests.Support;

namespace PodAgent.Rpc.Tests.Server;

public sealed class ShutdownTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Stop_EndlessStream_EndsInUnavailableAfterGrace()
    {
        var echo = new EchoServer();
        await using RpcTestServer server = await RpcTestServer.StartAsync(
            echo, new RpcServerOptions { ShutdownGrace = TimeSpan.FromMilliseconds(100) });
        await using RpcChannel channel = RpcChannel.ForAddress(server.Address);
        using AsyncServerStreamingCall<EchoResponse> call = new EchoService.EchoServiceClient(channel)
            .Expand(new EchoRequest { Repeat = 1, Hang = true });
        Assert.True(await call.ResponseStream.MoveNext());

        Task stop = server.StopAsync();

        RpcException error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext().WaitAsync(s_patience));
        Assert.Equal(new Status(StatusCode.Unavailable, "the server is shutting down"), error.Status);
        await stop.WaitAsync(s_patience);
    }

    [Fact]
    public async Task Stop_CallThatEndsWithinGrace_IsAnswered()
    {
        var started = new TaskCompletionSource();
        var finish = new TaskCompletionSource();
        var echo = new EchoServer
        {
            OnUnary = async (_, _) =>
            {
                started.SetResult();
                await finish.Task;
                return new EchoResponse { Text = "done" };
            },
        };
        await using RpcTestServer server = await RpcTestServer.StartAsync(echo, new RpcServerOptions { ShutdownGrace = s_patience });
        await using RpcChannel channel = RpcChannel.ForAddress(server.Address);
        AsyncUnaryCall<EchoResponse> call = new EchoService.EchoServiceClient(channel).UnaryAsync(new EchoRequest());
        await started.Task.WaitAsync(s_patience);

        Task stop = server.StopAsync();
        finish.SetResult();

        Assert.Equal("done", (await call.ResponseAsync.WaitAsync(s_patience)).Text);
        await stop.WaitAsync(s_patience);
    }
}
