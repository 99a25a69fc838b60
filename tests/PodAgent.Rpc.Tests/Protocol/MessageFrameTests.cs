using System.Buffers;
using System.IO.Pipelines;
using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using Grpc.Core;
using PodAgent.Rpc.Protocol;
using PodAgent.Rpc.Tests.Echo;
using PodAgent.Rpc.Tests.Support;

namespace PodAgent.Rpc.Tests.Protocol;

public sealed class MessageFrameTests
{
    // As generated code does: the size first, then straight into the buffer.
    private static readonly Marshaller<EchoRequest> s_generated = Marshallers.Create<EchoRequest>(
        (message, context) =>
        {
            context.SetPayloadLength(message.CalculateSize());
            message.WriteTo(context.GetBufferWriter());
            context.Complete();
        },
        context => EchoRequest.Parser.ParseFrom(context.PayloadAsReadOnlySequence()));

    private static readonly Marshaller<EchoRequest> s_withoutSize = Marshallers.Create<EchoRequest>(
        (message, context) =>
        {
            message.WriteTo(context.GetBufferWriter());
            context.Complete();
        },
        context => EchoRequest.Parser.ParseFrom(context.PayloadAsNewBuffer()));

    private static readonly Marshaller<EchoRequest> s_arrays = Marshallers.Create(m => m.ToByteArray(), EchoRequest.Parser.ParseFrom);

    public static TheoryData<int, bool> Writers => new()
    {
        { 0, false },
        { 1, false },
        { 2, false },
        { 0, true },
        { 1, true },
        { 2, true },
    };

    [Theory]
    [MemberData(nameof(Writers))]
    public async Task Write_AnyMarshaller_ReadsBack(int marshaller, bool compress)
    {
        Marshaller<EchoRequest> chosen = Choose(marshaller);
        var target = new ArrayBufferWriter<byte>();
        var writer = new MessageWriter(int.MaxValue);
        EchoRequest[] messages = [new(), new() { Text = "x" }, new() { Payload = ByteString.CopyFrom(new byte[100_000]) }];
        foreach (EchoRequest message in messages)
        {
            writer.Write(target, chosen, message, compress);
        }

        MessageReader reader = Read(target.WrittenSpan.ToArray(), encoding: "gzip");
        foreach (EchoRequest message in messages)
        {
            Assert.Equal(message, await reader.ReadAsync(chosen, CancellationToken.None));
        }

        Assert.Null(await reader.ReadAsync(chosen, CancellationToken.None));
        Assert.Null(await reader.ReadAsync(chosen, CancellationToken.None));
    }

    [Fact]
    public void Read_AnySplitOfTheBytes_GivesTheMessages() => Prop.ForAll(
        Gen.Choose(1, 20).ToArbitrary(),
        size =>
        {
            byte[] bytes =
            [
                .. RawClient.Frame(0, new EchoRequest { Text = "first" }.ToByteArray()),
                .. RawClient.Frame(0, []),
                .. RawClient.Frame(0, new EchoRequest { Text = "third" }.ToByteArray()),
            ];
            var pipe = new Pipe();
            Task feeding = FeedAsync(pipe.Writer, bytes, size);
            var reader = new MessageReader(pipe.Reader, 100, null);
            string?[] texts =
            [
                .. Enumerable.Range(0, 4).Select(_ => reader.ReadAsync(s_generated, CancellationToken.None).AsTask().Result?.Text),
            ];
            return feeding.IsCompletedSuccessfully && texts.SequenceEqual(["first", "", "third", null]);
        }).QuickCheckThrowOnFailure();

    [Theory]
    [MemberData(nameof(Writers))]
    public void Write_OverTheLimit_WritesNothing(int marshaller, bool compress)
    {
        var target = new ArrayBufferWriter<byte>();
        var message = new EchoRequest { Text = new string('x', 100) };

        RpcException error = Assert.Throws<RpcException>(
            () => new MessageWriter(101).Write(target, Choose(marshaller), message, compress));

        Assert.Equal(new Status(StatusCode.ResourceExhausted, "cannot send a message of 102 bytes, the limit is 101 bytes"), error.Status);
        Assert.Equal(0, target.WrittenCount);
    }

    [Fact]
    public void Write_SerializerThatDoesNotComplete_IsAnError() => Assert.Throws<InvalidOperationException>(
        () => new MessageWriter(10).Write(
        new ArrayBufferWriter<byte>(), Marshallers.Create<EchoRequest>((_, _) => { }, _ => new()), new EchoRequest(), compress: false));

    [Fact]
    public async Task Read_LengthOverTheLimit_IsRefusedBeforeTheMessageIsThere()
    {
        RpcException error = await Assert.ThrowsAsync<RpcException>(
            async () => await Read([0, 0xFF, 0xFF, 0xFF, 0xFF]).ReadAsync(s_generated, CancellationToken.None));

        Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
        Assert.Contains("4294967295", error.Status.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 2, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 1, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0, 0, 0 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 2, 8 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 1, 0xFF })]
    public async Task Read_Malformed_IsInternal(byte[] bytes)
    {
        RpcException error = await Assert.ThrowsAsync<RpcException>(
            async () => await Read(bytes).ReadAsync(s_generated, CancellationToken.None));

        Assert.Equal(StatusCode.Internal, error.StatusCode);
    }

    private static MessageReader Read(byte[] bytes, string? encoding = null) =>
        new(PipeReader.Create(new ReadOnlySequence<byte>(bytes)), 1_000_000, encoding);

    private static Marshaller<EchoRequest> Choose(int number) => number switch
    {
        0 => s_generated,
        1 => s_withoutSize,
        _ => s_arrays,
    };

    private static async Task FeedAsync(PipeWriter writer, byte[] bytes, int size)
    {
        foreach (byte[] chunk in bytes.Chunk(size))
        {
            await writer.WriteAsync(chunk);
        }

        await writer.CompleteAsync();
    }
}
