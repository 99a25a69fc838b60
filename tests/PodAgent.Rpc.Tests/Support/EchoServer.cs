using System.Threading.Channels;
using Google.Protobuf;
using Grpc.Core;
using PodAgent.Rpc.Tests.Echo;

namespace PodAgent.Rpc.Tests.Support;

/// <summary>The service of <c>echo.proto</c>; says what happened to its handlers.</summary>
internal sealed class EchoServer : EchoService.EchoServiceBase
{
    private readonly Channel<string> _events = Channel.CreateUnbounded<string>();

    /// <summary>What handlers noticed: "hanging", "cancelled".</summary>
    public ChannelReader<string> Events => _events.Reader;

    /// <summary>Runs instead of the normal handling of Unary.</summary>
    public Func<EchoRequest, ServerCallContext, Task<EchoResponse>>? OnUnary { get; set; }

    /// <summary>Runs instead of the normal handling of Collect.</summary>
    public Func<IAsyncStreamReader<EchoRequest>, ServerCallContext, Task<EchoResponse>>? OnCollect { get; set; }

    /// <summary>Runs instead of the normal handling of Expand.</summary>
    public Func<EchoRequest, IServerStreamWriter<EchoResponse>, ServerCallContext, Task>? OnExpand { get; set; }

    /// <summary>Runs instead of the normal handling of Chat.</summary>
    public Func<IAsyncStreamReader<EchoRequest>, IServerStreamWriter<EchoResponse>, ServerCallContext, Task>? OnChat { get; set; }

    public override async Task<EchoResponse> Unary(EchoRequest request, ServerCallContext context)
    {
        if (OnUnary is not null)
        {
            return await OnUnary(request, context);
        }

        await EchoMetadataAsync(context);
        await FinishAsync(request, context);
        return Answer(request, context, 0);
    }

    public override async Task<EchoResponse> Collect(IAsyncStreamReader<EchoRequest> requestStream, ServerCallContext context)
    {
        if (OnCollect is not null)
        {
            return await OnCollect(requestStream, context);
        }

        await EchoMetadataAsync(context);
        var result = new EchoResponse();
        await foreach (EchoRequest request in requestStream.ReadAllAsync(context.CancellationToken))
        {
            result.Text += request.Text;
            result.PayloadTotal += request.Payload.Length;
            result.Index++;
            await FinishAsync(request, context);
        }

        return result;
    }

    public override async Task Expand(EchoRequest request, IServerStreamWriter<EchoResponse> responseStream, ServerCallContext context)
    {
        if (OnExpand is not null)
        {
            await OnExpand(request, responseStream, context);
            return;
        }

        await EchoMetadataAsync(context);
        if (request.FailCode != 0)
        {
            // grpc-js decompresses in the background and drops what it has not finished when a failure arrives with the data.
            context.WriteOptions = new WriteOptions(WriteFlags.NoCompress);
        }

        for (int i = 0; i < request.Repeat; i++)
        {
            await responseStream.WriteAsync(Answer(request, context, i));
        }

        await FinishAsync(request, context);
    }

    public override async Task Chat(
        IAsyncStreamReader<EchoRequest> requestStream, IServerStreamWriter<EchoResponse> responseStream, ServerCallContext context)
    {
        if (OnChat is not null)
        {
            await OnChat(requestStream, responseStream, context);
            return;
        }

        await EchoMetadataAsync(context);
        int index = 0;
        await foreach (EchoRequest request in requestStream.ReadAllAsync(context.CancellationToken))
        {
            await FinishAsync(request, context);
            await responseStream.WriteAsync(Answer(request, context, index++));
        }
    }

    private static EchoResponse Answer(EchoRequest request, ServerCallContext context, int index) => new()
    {
        Text = request.Text,
        Payload = request.ResponseSize > 0 ? UnsafeByteOperations.UnsafeWrap(new byte[request.ResponseSize]) : request.Payload,
        Index = index,
        Peer = context.Peer,
        DeadlineMs = context.Deadline == DateTime.MaxValue ? -1 : (long)(context.Deadline - DateTime.UtcNow).TotalMilliseconds,
    };

    private static async Task EchoMetadataAsync(ServerCallContext context)
    {
        if (context.RequestHeaders.Get("x-echo") is { } text)
        {
            await context.WriteResponseHeadersAsync([new Metadata.Entry("x-echo", text.Value)]);
            context.ResponseTrailers.Add("x-echo", text.Value);
        }

        foreach (Metadata.Entry bytes in context.RequestHeaders.GetAll("x-echo-bin"))
        {
            context.ResponseTrailers.Add("x-echo-bin", bytes.ValueBytes);
        }
    }

    private async Task FinishAsync(EchoRequest request, ServerCallContext context)
    {
        if (request.Hang)
        {
            _events.Writer.TryWrite("hanging");
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, context.CancellationToken);
            }
            finally
            {
                _events.Writer.TryWrite("cancelled");
            }
        }

        if (request.Crash)
        {
            throw new InvalidDataException("secret of the house");
        }

        if (request.FailCode != 0)
        {
            throw new RpcException(
                new Status((StatusCode)request.FailCode, request.FailMessage),
                [new Metadata.Entry("reason", "as asked"), new Metadata.Entry("grpc-status-details-bin", [1, 2, 3, 0xFF])]);
        }
    }
}
