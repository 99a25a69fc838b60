using Grpc.Core;
using PodAgent.Rpc.InProcess;
using PodAgent.Rpc.Server;
using PodAgent.Rpc.Tests.Echo;
using PodAgent.Rpc.Tests.Support;

namespace PodAgent.Rpc.Tests.InProcess;

public sealed class InProcessCallInvokerTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly EchoServer _echo = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Unary_Messages_AreTheSameObjectsUnlessCloned(bool clone)
    {
        EchoRequest? received = null;
        var answer = new EchoResponse { Text = "answer" };
        _echo.OnUnary = (request, _) =>
        {
            received = request;
            return Task.FromResult(answer);
        };
        var sent = new EchoRequest { Text = "question" };

        EchoResponse response = await Client(clone).UnaryAsync(sent);

        Assert.Equal(sent, received);
        Assert.Equal(answer, response);
        Assert.Equal(!clone, ReferenceEquals(sent, received));
        Assert.Equal(!clone, ReferenceEquals(answer, response));
    }

    [Fact]
    public async Task ServerStreaming_ReaderThatDoesNotRead_StopsTheWriter()
    {
        int written = 0;
        var blocked = new TaskCompletionSource();
        _echo.OnExpand = async (_, responses, _) =>
        {
            for (int i = 0; i < 100; i++)
            {
                Task write = responses.WriteAsync(new EchoResponse { Index = i });
                if (!write.IsCompleted)
                {
                    blocked.TrySetResult();
                }

                await write;
                written++;
            }
        };
        using AsyncServerStreamingCall<EchoResponse> call = Client().Expand(new EchoRequest());
        await blocked.Task.WaitAsync(s_patience);
        Assert.Equal(MessagePipe<EchoResponse>.Capacity, written);

        Assert.Equal(100, await call.ResponseStream.ReadAllAsync().CountMessagesAsync());
        Assert.Equal(100, written);
    }

    [Fact]
    public async Task ClientStreaming_HandlerThatDoesNotRead_StopsTheWriter()
    {
        var go = new TaskCompletionSource();
        _echo.OnCollect = async (requests, _) =>
        {
            await go.Task;
            return new EchoResponse { Index = await requests.ReadAllAsync().CountMessagesAsync() };
        };
        using AsyncClientStreamingCall<EchoRequest, EchoResponse> call = Client().Collect();
        for (int i = 0; i < MessagePipe<EchoRequest>.Capacity; i++)
        {
            Assert.True(call.RequestStream.WriteAsync(new EchoRequest()).IsCompletedSuccessfully);
        }

        Task next = call.RequestStream.WriteAsync(new EchoRequest());
        Assert.False(next.IsCompleted);
        Assert.Throws<InvalidOperationException>(() => { Task second = call.RequestStream.WriteAsync(new EchoRequest()); });
        go.SetResult();
        await next.WaitAsync(s_patience);
        await call.RequestStream.CompleteAsync();

        Assert.Equal(MessagePipe<EchoRequest>.Capacity + 1, (await call).Index);
    }

    [Fact]
    public async Task Unary_HandlerThatBlocksItsThread_DoesNotBlockTheCaller()
    {
        using var release = new ManualResetEventSlim();
        _echo.OnUnary = (_, _) =>
        {
            release.Wait();
            return Task.FromResult(new EchoResponse());
        };

        AsyncUnaryCall<EchoResponse> call = Client().UnaryAsync(new EchoRequest());

        Assert.False(call.ResponseAsync.IsCompleted);
        release.Set();
        await call;
    }

    [Fact]
    public async Task Unary_RunOnCaller_AnswersOnTheCallersThread()
    {
        int thread = 0;
        _echo.OnUnary = (_, _) =>
        {
            thread = Environment.CurrentManagedThreadId;
            return Task.FromResult(new EchoResponse { Text = "now" });
        };
        var invoker = new InProcessCallInvoker(RpcTestServer.MakeRegistry(_echo), new RpcServerOptions())
        {
            RunOnCaller = new HashSet<string> { "/podagent.rpc.tests.EchoService/Unary" },
        };

        AsyncUnaryCall<EchoResponse> call = new EchoService.EchoServiceClient(invoker).UnaryAsync(new EchoRequest());

        Assert.True(call.ResponseAsync.IsCompletedSuccessfully);
        Assert.Equal(Environment.CurrentManagedThreadId, thread);
        Assert.Equal("now", (await call).Text);
    }

    [Fact]
    public async Task Unary_OtherMessageClasses_IsInternal()
    {
        var method = new Method<string, string>(
            MethodType.Unary, "podagent.rpc.tests.EchoService", "Unary", Marshallers.StringMarshaller, Marshallers.StringMarshaller);

        RpcException error = await Assert.ThrowsAsync<RpcException>(async () => await Invoker().AsyncUnaryCall(method, null, default, "x"));

        Assert.Equal(StatusCode.Internal, error.StatusCode);
    }

    private InProcessCallInvoker Invoker(bool clone = false) => new(RpcTestServer.MakeRegistry(_echo), new RpcServerOptions(), clone);

    private EchoService.EchoServiceClient Client(bool clone = false) => new(Invoker(clone));
}
