using Google.Protobuf;
using Grpc.Core;
using PodAgent.Rpc.Server;
using PodAgent.Rpc.Tests.Echo;

namespace PodAgent.Rpc.Tests.Calls;

/// <summary>Calls with streams.</summary>
public abstract partial class CallTests
{
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

        using AsyncServerStreamingCall<EchoResponse> call = Client.Expand(
            new EchoRequest { Repeat = 1, FailCode = 3, FailMessage = message });
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

        // The answer may be back before the write is done.
        await Record.ExceptionAsync(() => call.RequestStream.WriteAsync(new EchoRequest()));

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

        // The status may be back before the write is done; then the write tells it.
        await Record.ExceptionAsync(
            () => call.RequestStream.WriteAsync(new EchoRequest { FailCode = (int)StatusCode.OutOfRange, FailMessage = "far" }));

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
}
