using System.Threading.Channels;
using Google.Protobuf;
using Grpc.Core;
using PodAgent.Rpc.Server;
using PodAgent.Rpc.Tests.Echo;
using PodAgent.Rpc.Tests.Support;

namespace PodAgent.Rpc.Tests.Calls;

/// <summary>What a call does, over any transport.</summary>
public abstract class CallTests : IAsyncLifetime
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

    [Fact]
    public async Task ServerStreaming_Responses_ComeInOrder()
    {
        using AsyncServerStreamingCall<EchoResponse> call = Client.Expand(new EchoRequest { Text = "t", Repeat = 100 });

        List<int> indices = [];
        await foreach (EchoResponse response in call.ResponseStream.ReadAllAsync())
        {
            indices.Add(response.Index);
        }

        Assert.Equal(Enumerable.Range(0, 100), indices);
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
        Assert.False(await call.ResponseStream.MoveNext());
    }

    [Fact]
    public async Task ServerStreaming_NoResponses_EndsWell()
    {
        using AsyncServerStreamingCall<EchoResponse> call = Client.Expand(new EchoRequest());

        Assert.False(await call.ResponseStream.MoveNext());
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task ServerStreaming_FailureAfterResponses_ComesAfterThem()
    {
        using AsyncServerStreamingCall<EchoResponse> call =
            Client.Expand(new EchoRequest { Repeat = 3, FailCode = (int)StatusCode.DataLoss, FailMessage = "gone" });

        for (int i = 0; i < 3; i++)
        {
            Assert.True(await call.ResponseStream.MoveNext());
        }

        RpcException error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext());
        Assert.Equal(new Status(StatusCode.DataLoss, "gone"), error.Status);
        Assert.Equal("as asked", error.Trailers.GetValue("reason"));
    }

    [Fact]
    public async Task ServerStreaming_FirstResponse_DoesNotWaitForTheSecond()
    {
        using AsyncServerStreamingCall<EchoResponse> call = Client.Expand(new EchoRequest { Repeat = 1, Hang = true });

        Assert.True(await call.ResponseStream.MoveNext().WaitAsync(s_patience));
        Assert.Equal("hanging", await NextEventAsync());
    }

    [Fact]
    public async Task ServerStreaming_CancelledRead_CancelsCall()
    {
        using AsyncServerStreamingCall<EchoResponse> call = Client.Expand(new EchoRequest { Repeat = 1, Hang = true });
        Assert.True(await call.ResponseStream.MoveNext());
        using var source = new CancellationTokenSource();
        Task<bool> read = call.ResponseStream.MoveNext(source.Token);
        Assert.Equal("hanging", await NextEventAsync());

        await source.CancelAsync();

        RpcException error = await Assert.ThrowsAsync<RpcException>(() => read);
        Assert.Equal(StatusCode.Cancelled, error.StatusCode);
        Assert.Equal("cancelled", await NextEventAsync());
    }

    [Fact]
    public async Task ServerStreaming_EarlyHeaders_ComeBeforeResponses()
    {
        Server.OnExpand = async (_, _, context) =>
        {
            await context.WriteResponseHeadersAsync([new Metadata.Entry("early", "bird")]);
            await Task.Delay(Timeout.InfiniteTimeSpan, context.CancellationToken);
        };
        using AsyncServerStreamingCall<EchoResponse> call = Client.Expand(new EchoRequest());

        Metadata headers = await call.ResponseHeadersAsync.WaitAsync(s_patience);

        Assert.Equal("bird", headers.GetValue("early"));
    }

    [Fact]
    public async Task ServerStreaming_TwoWritesAtOnce_SecondIsRefused()
    {
        var result = new TaskCompletionSource<Exception?>();
        Server.OnExpand = async (_, responses, context) =>
        {
            var large = new EchoResponse { Payload = ByteString.CopyFrom(new byte[64 * 1024]) };
            Task write = Task.CompletedTask;
            while (write.IsCompleted)
            {
                write = responses.WriteAsync(large);
            }

            result.SetResult(Record.Exception(() => { Task second = responses.WriteAsync(large); }));
            await write;
        };
        using AsyncServerStreamingCall<EchoResponse> call = Client.Expand(new EchoRequest());

        Assert.IsType<InvalidOperationException>(await result.Task.WaitAsync(s_patience));
    }

    [Fact]
    public async Task ServerStreaming_BlockedWriter_EndsWithTheDeadline()
    {
        var ended = new TaskCompletionSource<Exception?>();
        Server.OnExpand = async (_, responses, _) =>
        {
            Random random = new(1);
            byte[] noise = new byte[256 * 1024];
            random.NextBytes(noise);
            var large = new EchoResponse { Payload = UnsafeByteOperations.UnsafeWrap(noise) };
            Exception? failure = null;
            while (failure is null)
            {
                failure = await Record.ExceptionAsync(() => responses.WriteAsync(large));
            }

            ended.SetResult(failure);
            throw failure;
        };

        using AsyncServerStreamingCall<EchoResponse> call = Client.Expand(new EchoRequest(), deadline: DateTime.UtcNow.AddSeconds(1));

        Assert.IsAssignableFrom<OperationCanceledException>(await ended.Task.WaitAsync(s_patience));
        RpcCallRecord record = await NextRecordAsync();
        Assert.Contains(record.Status.StatusCode, new[] { StatusCode.DeadlineExceeded, StatusCode.Cancelled });
        RpcException error = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await call.ResponseStream.MoveNext())
            {
            }
        });
        Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
    }

    [Theory]
    [InlineData(5_000)]
    [InlineData(20_000)]
    [InlineData(50_000)]
    public async Task Unary_LongStatusMessage_Arrives(int length)
    {
        string message = new('m', length);

        RpcException error = await Assert.ThrowsAsync<RpcException>(
            async () => await Client.UnaryAsync(new EchoRequest { FailCode = 3, FailMessage = message }));
        Assert.Equal(new Status(StatusCode.InvalidArgument, message), error.Status);

        using AsyncServerStreamingCall<EchoResponse> call = Client.Expand(new EchoRequest { Repeat = 1, FailCode = 3, FailMessage = message });
        Assert.True(await call.ResponseStream.MoveNext());
        error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext());
        Assert.Equal(new Status(StatusCode.InvalidArgument, message), error.Status);
    }

    [Fact]
    public async Task ClientStreaming_Requests_AreCollected()
    {
        using AsyncClientStreamingCall<EchoRequest, EchoResponse> call = Client.Collect();
        for (int i = 0; i < 100; i++)
        {
            await call.RequestStream.WriteAsync(new EchoRequest { Text = "x", Payload = ByteString.CopyFrom(new byte[5000]) });
        }

        await call.RequestStream.CompleteAsync();

        EchoResponse response = await call;
        Assert.Equal(new string('x', 100), response.Text);
        Assert.Equal(500_000, response.PayloadTotal);
    }

    [Fact]
    public async Task ClientStreaming_NoRequests_IsACall()
    {
        using AsyncClientStreamingCall<EchoRequest, EchoResponse> call = Client.Collect();
        await call.RequestStream.CompleteAsync();

        Assert.Equal(0, (await call).Index);
    }

    [Fact]
    public async Task ClientStreaming_WriteAfterComplete_IsRefused()
    {
        using AsyncClientStreamingCall<EchoRequest, EchoResponse> call = Client.Collect();
        await call.RequestStream.CompleteAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => call.RequestStream.WriteAsync(new EchoRequest()));
        await Assert.ThrowsAsync<InvalidOperationException>(() => call.RequestStream.CompleteAsync());
        await call;
    }

    [Fact]
    public async Task ClientStreaming_ServerFailsEarly_WriterLearnsTheStatus()
    {
        Server.OnCollect = (_, _) => throw new RpcException(new Status(StatusCode.PermissionDenied, "not you"));
        using AsyncClientStreamingCall<EchoRequest, EchoResponse> call = Client.Collect();

        RpcException error = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (true)
            {
                await call.RequestStream.WriteAsync(new EchoRequest { Payload = ByteString.CopyFrom(new byte[10_000]) });
            }
        });

        Assert.Equal(StatusCode.PermissionDenied, error.StatusCode);
        error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);
        Assert.Equal(new Status(StatusCode.PermissionDenied, "not you"), error.Status);
    }

    [Fact]
    public async Task ClientStreaming_ServerAnswersEarly_ResponseArrives()
    {
        Server.OnCollect = async (requests, _) =>
        {
            await requests.MoveNext(CancellationToken.None);
            return new EchoResponse { Text = "enough" };
        };
        using AsyncClientStreamingCall<EchoRequest, EchoResponse> call = Client.Collect();
        await call.RequestStream.WriteAsync(new EchoRequest());

        Assert.Equal("enough", (await call.ResponseAsync.WaitAsync(s_patience)).Text);
    }

    [Fact]
    public async Task ClientStreaming_Cancel_EndsHandlerRead()
    {
        var reading = new TaskCompletionSource();
        var handlerError = new TaskCompletionSource<Exception?>();
        Server.OnCollect = async (requests, context) =>
        {
            await requests.MoveNext(CancellationToken.None);
            reading.SetResult();
            handlerError.SetResult(await Record.ExceptionAsync(() => requests.MoveNext(CancellationToken.None)));
            context.CancellationToken.ThrowIfCancellationRequested();
            return new EchoResponse();
        };
        using AsyncClientStreamingCall<EchoRequest, EchoResponse> call = Client.Collect();
        await call.RequestStream.WriteAsync(new EchoRequest());
        await reading.Task.WaitAsync(s_patience);

        call.Dispose();

        Assert.IsAssignableFrom<OperationCanceledException>(await handlerError.Task.WaitAsync(s_patience));
        RpcException error = await Assert.ThrowsAsync<RpcException>(() => call.RequestStream.WriteAsync(new EchoRequest()));
        Assert.Equal(StatusCode.Cancelled, error.StatusCode);
    }

    [Fact]
    public async Task Duplex_PingPong_AnswersEachRequest()
    {
        using AsyncDuplexStreamingCall<EchoRequest, EchoResponse> call = Client.Chat();
        for (int i = 0; i < 50; i++)
        {
            await call.RequestStream.WriteAsync(new EchoRequest { Text = $"{i}" });
            Assert.True(await call.ResponseStream.MoveNext().WaitAsync(s_patience));
            Assert.Equal($"{i}", call.ResponseStream.Current.Text);
        }

        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext());
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task Duplex_HandlerEndsFirst_ClientGetsStatus()
    {
        using AsyncDuplexStreamingCall<EchoRequest, EchoResponse> call = Client.Chat();
        await call.RequestStream.WriteAsync(new EchoRequest { FailCode = (int)StatusCode.OutOfRange, FailMessage = "far" });

        RpcException error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext());

        Assert.Equal(new Status(StatusCode.OutOfRange, "far"), error.Status);
        error = await Assert.ThrowsAsync<RpcException>(() => call.RequestStream.WriteAsync(new EchoRequest()));
        Assert.Equal(StatusCode.OutOfRange, error.StatusCode);
    }

    [Fact]
    public async Task Duplex_Deadline_EndsReadAndWrite()
    {
        using AsyncDuplexStreamingCall<EchoRequest, EchoResponse> call = Client.Chat(deadline: DateTime.UtcNow.AddSeconds(1));
        await call.RequestStream.WriteAsync(new EchoRequest { Hang = true });

        RpcException error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext());

        Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
        error = await Assert.ThrowsAsync<RpcException>(() => call.RequestStream.WriteAsync(new EchoRequest()));
        Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
    }

    protected abstract Task<CallInvoker> ConnectAsync();

    private static async Task<StatusCode> StatusAfterEndAsync(AsyncUnaryCall<EchoResponse> call) =>
        (await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync)).StatusCode;

    private Task<string> NextEventAsync() => Server.Events.ReadAsync().AsTask().WaitAsync(s_patience);

    private Task<RpcCallRecord> NextRecordAsync() => _records.Reader.ReadAsync().AsTask().WaitAsync(s_patience);
}
