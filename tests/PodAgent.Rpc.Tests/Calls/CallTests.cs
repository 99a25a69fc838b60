using System.Threading.Channels;
using Google.Protobuf;
using Grpc.Core;
using PodAgent.Rpc.Server;
using PodAgent.Rpc.Tests.Echo;
using PodAgent.Rpc.Tests.Support;

namespace PodAgent.Rpc.Tests.Calls;

/// <summary>What a call does, over any transport.</summary>
public abstract partial class CallTests : IAsyncLifetime
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly Channel<RpcCallRecord> _records = Channel.CreateUnbounded<RpcCallRecord>();

    internal EchoServer Server { get; } = new();

    protected EchoService.EchoServiceClient Client { get; private set; } = null!;

    protected CallInvoker Invoker { get; private set; } = null!;

    protected RpcServerOptions Options => new()
    {
        ExceptionMapper = e => e is ArgumentException
            ? new RpcException(new Status(StatusCode.InvalidArgument, e.Message), [new Metadata.Entry("mapped", "yes")])
            : null,
        CallEnded = record => _records.Writer.TryWrite(record),
        ShutdownGrace = TimeSpan.Zero,
    };

    public async Task InitializeAsync()
    {
        Invoker = await ConnectAsync();
        Client = new EchoService.EchoServiceClient(Invoker);

        // The short deadlines of the tests are for calls, not for the first connection of a busy machine.
        await Client.UnaryAsync(new EchoRequest());
        await NextRecordAsync();
    }

    public abstract Task DisposeAsync();

    [Fact]
    public async Task Unary_Request_IsAnswered()
    {
        EchoResponse response = await Client.UnaryAsync(new EchoRequest { Text = "hello", Payload = ByteString.CopyFrom(1, 2, 3) });

        Assert.Equal("hello", response.Text);
        Assert.Equal([1, 2, 3], response.Payload.ToByteArray());
        Assert.Equal(-1, response.DeadlineMs);
    }

    [Fact]
    public async Task Unary_EmptyMessages_AreMessages()
    {
        Server.OnUnary = (request, _) => Task.FromResult(new EchoResponse());

        Assert.Equal(new EchoResponse(), await Client.UnaryAsync(new EchoRequest()));
    }

    [Fact]
    public void BlockingUnary_Request_IsAnswered() => Assert.Equal("x", Client.Unary(new EchoRequest { Text = "x" }).Text);

    [Fact]
    public async Task Unary_ManyAtOnce_EachGetsItsAnswer()
    {
        AsyncUnaryCall<EchoResponse>[] calls =
            [.. Enumerable.Range(0, 300).Select(i => Client.UnaryAsync(new EchoRequest { Text = $"{i}" }))];
        for (int i = 0; i < calls.Length; i++)
        {
            Assert.Equal($"{i}", (await calls[i]).Text);
        }
    }

    [Fact]
    public async Task Unary_LargeMessages_PassBothWays()
    {
        byte[] payload = new byte[10 * 1024 * 1024];
        Random.Shared.NextBytes(payload);

        EchoResponse response = await Client.UnaryAsync(new EchoRequest { Payload = UnsafeByteOperations.UnsafeWrap(payload) });

        Assert.True(response.Payload.Span.SequenceEqual(payload));
    }

    [Fact]
    public async Task Unary_HandlerThrowsStatus_ClientGetsStatusMessageAndTrailers()
    {
        AsyncUnaryCall<EchoResponse> call = Client.UnaryAsync(
            new EchoRequest { FailCode = (int)StatusCode.FailedPrecondition, FailMessage = "größer als 100%\nzwei Zeilen ✓" });

        RpcException error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);

        Assert.Equal(new Status(StatusCode.FailedPrecondition, "größer als 100%\nzwei Zeilen ✓"), error.Status);
        Assert.Equal("as asked", error.Trailers.GetValue("reason"));
        Assert.Equal([1, 2, 3, 0xFF], error.Trailers.GetValueBytes("grpc-status-details-bin")!);
        Assert.Equal(StatusCode.FailedPrecondition, call.GetStatus().StatusCode);
        Assert.Equal("as asked", call.GetTrailers().GetValue("reason"));
    }

    [Fact]
    public async Task Unary_HandlerSetsStatus_ClientGetsIt()
    {
        Server.OnUnary = (_, context) =>
        {
            context.Status = new Status(StatusCode.Aborted, "lost");
            return Task.FromResult(new EchoResponse());
        };

        RpcException error = await Assert.ThrowsAsync<RpcException>(async () => await Client.UnaryAsync(new EchoRequest()));

        Assert.Equal(new Status(StatusCode.Aborted, "lost"), error.Status);
    }

    [Fact]
    public async Task Unary_UnmappedException_IsUnknownAndTellsNothing()
    {
        RpcException error = await Assert.ThrowsAsync<RpcException>(async () => await Client.UnaryAsync(new EchoRequest { Crash = true }));

        Assert.Equal(new Status(StatusCode.Unknown, "Exception was thrown by handler"), error.Status);
        RpcCallRecord record = await NextRecordAsync();
        Assert.Equal("secret of the house", record.Exception?.Message);
    }

    [Fact]
    public async Task Unary_MappedException_HasMappedStatusAndTrailers()
    {
        Server.OnUnary = (_, _) => throw new ArgumentException("no such flavour");

        RpcException error = await Assert.ThrowsAsync<RpcException>(async () => await Client.UnaryAsync(new EchoRequest()));

        Assert.Equal(new Status(StatusCode.InvalidArgument, "no such flavour"), error.Status);
        Assert.Equal("yes", error.Trailers.GetValue("mapped"));
    }

    [Fact]
    public async Task Unary_NullResponse_IsAFailure()
    {
        Server.OnUnary = (_, _) => Task.FromResult<EchoResponse>(null!);

        RpcException error = await Assert.ThrowsAsync<RpcException>(async () => await Client.UnaryAsync(new EchoRequest()));

        Assert.Equal(StatusCode.Unknown, error.StatusCode);
    }

    [Fact]
    public async Task Unary_UnknownMethod_IsUnimplemented()
    {
        var method = new Method<EchoRequest, EchoResponse>(
            MethodType.Unary,
            "podagent.rpc.tests.EchoService",
            "Nothing",
            Marshallers.Create(m => m.ToByteArray(), EchoRequest.Parser.ParseFrom),
            Marshallers.Create(m => m.ToByteArray(), EchoResponse.Parser.ParseFrom));

        RpcException error = await Assert.ThrowsAsync<RpcException>(
            async () => await Invoker.AsyncUnaryCall(method, null, new CallOptions(), new EchoRequest()));

        Assert.Equal(StatusCode.Unimplemented, error.StatusCode);
        Assert.Contains("/podagent.rpc.tests.EchoService/Nothing", error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unary_Metadata_GoesThereAndBack()
    {
        var headers = new Metadata
        {
            { "X-Echo", "some text, with commas; and more" },
            { "x-echo-bin", [0, 1, 0xFE, 0xFF] },
            { "x-echo-bin", [] },
            { "x-echo-bin", [7] },
            { "grpc-timeout", "1n" },
        };
        AsyncUnaryCall<EchoResponse> call = Client.UnaryAsync(new EchoRequest(), headers);

        Metadata responseHeaders = await call.ResponseHeadersAsync;
        await call;

        Assert.Equal("some text, with commas; and more", responseHeaders.GetValue("x-echo"));
        Assert.Equal("some text, with commas; and more", call.GetTrailers().GetValue("x-echo"));
        Assert.Equal(
            ["0001FEFF", "", "07"],
            call.GetTrailers().GetAll("x-echo-bin").Select(entry => Convert.ToHexString(entry.ValueBytes)));
        Assert.DoesNotContain(call.GetTrailers(), entry => entry.Key is "grpc-status" or "grpc-message");
    }

    [Fact]
    public async Task Unary_RequestHeaders_AreFreeOfTheProtocol()
    {
        IEnumerable<string> keys = [];
        Server.OnUnary = (_, context) =>
        {
            keys = context.RequestHeaders.Select(entry => entry.Key);
            return Task.FromResult(new EchoResponse());
        };

        await Client.UnaryAsync(new EchoRequest(), [new Metadata.Entry("mine", "1")], DateTime.UtcNow.AddMinutes(1));

        Assert.Equal(["mine"], keys.Where(key => key != "user-agent"));
    }

    [Fact]
    public async Task Unary_TextThatHeadersCannotCarry_IsInternal()
    {
        RpcException error = await Assert.ThrowsAsync<RpcException>(
            async () => await Client.UnaryAsync(new EchoRequest(), [new Metadata.Entry("x-echo", "zwei\nZeilen")]));
        Assert.Equal(StatusCode.Internal, error.StatusCode);

        Server.OnUnary = (_, context) =>
        {
            context.ResponseTrailers.Add("x-note", "é");
            return Task.FromResult(new EchoResponse());
        };
        error = await Assert.ThrowsAsync<RpcException>(async () => await Client.UnaryAsync(new EchoRequest()));
        Assert.Equal(StatusCode.Internal, error.StatusCode);
        Assert.Contains("x-note", error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unary_HeadersTwice_IsAnErrorOfTheHandler()
    {
        Exception? caught = null;
        Server.OnUnary = async (_, context) =>
        {
            await context.WriteResponseHeadersAsync([]);
            caught = await Record.ExceptionAsync(() => context.WriteResponseHeadersAsync([]));
            return new EchoResponse();
        };

        await Client.UnaryAsync(new EchoRequest());

        Assert.IsType<InvalidOperationException>(caught);
    }

    [Fact]
    public async Task Unary_Deadline_EndsCallOnBothSides()
    {
        RpcException error = await Assert.ThrowsAsync<RpcException>(
            async () => await Client.UnaryAsync(new EchoRequest { Hang = true }, deadline: DateTime.UtcNow.AddSeconds(1)));

        Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
        Assert.Equal("hanging", await NextEventAsync());
        Assert.Equal("cancelled", await NextEventAsync());
        RpcCallRecord record = await NextRecordAsync();
        Assert.Contains(record.Status.StatusCode, new[] { StatusCode.DeadlineExceeded, StatusCode.Cancelled });
    }

    [Fact]
    public async Task Unary_DeadlinePassed_FailsWithoutHandler()
    {
        bool called = false;
        Server.OnUnary = (_, _) =>
        {
            called = true;
            return Task.FromResult(new EchoResponse());
        };

        RpcException error = await Assert.ThrowsAsync<RpcException>(
            async () => await Client.UnaryAsync(new EchoRequest(), deadline: DateTime.UtcNow.AddSeconds(-1)));

        Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
        Assert.False(called);
    }

    [Fact]
    public async Task Unary_FarDeadline_IsSeenByHandler()
    {
        EchoResponse response = await Client.UnaryAsync(new EchoRequest(), deadline: DateTime.UtcNow.AddDays(400));

        Assert.InRange(response.DeadlineMs, TimeSpan.FromDays(399).TotalMilliseconds, TimeSpan.FromDays(401).TotalMilliseconds);
    }

    [Fact]
    public async Task Unary_Token_CancelsCallOnBothSides()
    {
        using var source = new CancellationTokenSource();
        AsyncUnaryCall<EchoResponse> call = Client.UnaryAsync(new EchoRequest { Hang = true }, cancellationToken: source.Token);
        Assert.Equal("hanging", await NextEventAsync());

        await source.CancelAsync();

        RpcException error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);
        Assert.Equal(StatusCode.Cancelled, error.StatusCode);
        Assert.Equal("cancelled", await NextEventAsync());
        Assert.Equal(StatusCode.Cancelled, (await NextRecordAsync()).Status.StatusCode);
    }

    [Fact]
    public async Task Unary_TokenCancelledBefore_IsCancelled()
    {
        RpcException error = await Assert.ThrowsAsync<RpcException>(
            async () => await Client.UnaryAsync(new EchoRequest(), cancellationToken: new CancellationToken(true)));

        Assert.Equal(StatusCode.Cancelled, error.StatusCode);
    }

    [Fact]
    public async Task Unary_Dispose_CancelsCallOnBothSides()
    {
        AsyncUnaryCall<EchoResponse> call = Client.UnaryAsync(new EchoRequest { Hang = true });
        Assert.Equal("hanging", await NextEventAsync());

        call.Dispose();

        RpcException error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);
        Assert.Equal(StatusCode.Cancelled, error.StatusCode);
        Assert.Equal("cancelled", await NextEventAsync());
    }

    [Fact]
    public async Task Unary_StatusBeforeEnd_IsRefused()
    {
        AsyncUnaryCall<EchoResponse> call = Client.UnaryAsync(new EchoRequest { Hang = true });
        Assert.Throws<InvalidOperationException>(() => call.GetStatus());
        Assert.Throws<InvalidOperationException>(() => call.GetTrailers());
        call.Dispose();
        Assert.Equal(StatusCode.Cancelled, await StatusAfterEndAsync(call));
    }

    [Fact]
    public async Task Unary_StubbornHandler_ClientGetsItsStatusAndHandlerGetsErrors()
    {
        var release = new TaskCompletionSource();
        var late = new TaskCompletionSource<Exception?>();
        Server.OnExpand = async (_, responses, _) =>
        {
            await release.Task;
            late.SetResult(await Record.ExceptionAsync(() => responses.WriteAsync(new EchoResponse())));
        };

        using AsyncServerStreamingCall<EchoResponse> call = Client.Expand(new EchoRequest(), deadline: DateTime.UtcNow.AddSeconds(1));
        RpcException error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext());
        Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
        await NextRecordAsync();
        release.SetResult();

        Assert.IsAssignableFrom<OperationCanceledException>(await late.Task.WaitAsync(s_patience));
    }

    [Fact]
    public async Task Unary_WriterKeptAfterEnd_IsRefused()
    {
        IServerStreamWriter<EchoResponse>? kept = null;
        Server.OnExpand = (_, responses, _) =>
        {
            kept = responses;
            return Task.CompletedTask;
        };
        using AsyncServerStreamingCall<EchoResponse> call = Client.Expand(new EchoRequest());
        Assert.False(await call.ResponseStream.MoveNext());
        await NextRecordAsync();

        Exception? error = await Record.ExceptionAsync(() => kept!.WriteAsync(new EchoResponse()));

        Assert.True(error is InvalidOperationException or OperationCanceledException, $"{error}");
    }

    [Fact]
    public async Task Unary_End_IsReported()
    {
        await Client.UnaryAsync(new EchoRequest());

        RpcCallRecord record = await NextRecordAsync();
        Assert.Equal("/podagent.rpc.tests.EchoService/Unary", record.Method);
        Assert.Equal(StatusCode.OK, record.Status.StatusCode);
        Assert.True(record.Duration > TimeSpan.Zero);
        Assert.NotEmpty(record.Peer);
        Assert.Null(record.Exception);
    }

    protected abstract Task<CallInvoker> ConnectAsync();

    private static async Task<StatusCode> StatusAfterEndAsync(AsyncUnaryCall<EchoResponse> call) =>
        (await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync)).StatusCode;

    private Task<string> NextEventAsync() => Server.Events.ReadAsync().AsTask().WaitAsync(s_patience);

    private Task<RpcCallRecord> NextRecordAsync() => _records.Reader.ReadAsync().AsTask().WaitAsync(s_patience);
}
