using PodAgent.Containers.Protocol;
using PodAgent.Containers.Supervision;

namespace PodAgent.Containers.Tests.Supervision;

public sealed class FramesTests
{
    [Fact]
    public void Encode_Message_IsFoundOnceItIsWhole()
    {
        byte[] frame = Frames.Encode(new Request { Id = 7, Signal = new SignalRequest { Id = "a", Signal = 15 } });

        for (int length = 0; length < frame.Length; length++)
        {
            Assert.False(Frames.TryFind(frame.AsSpan(0, length), out _));
        }

        Assert.True(Frames.TryFind([.. frame, 1, 2, 3], out int size));
        Assert.Equal(frame.Length - Frames.HeaderSize, size);
        Assert.Equal(15, Request.Parser.ParseFrom(frame.AsSpan(Frames.HeaderSize, size)).Signal.Signal);
    }

    [Theory]
    [InlineData(new byte[] { 1, 0, 64, 0 })]
    [InlineData(new byte[] { 255, 255, 255, 255 })]
    public void TryFind_ImpossibleLength_IsRefused(byte[] header) =>
        Assert.Throws<InvalidDataException>(() => Frames.TryFind(header, out _));

    [Fact]
    public void Encode_TooLong_IsRefused()
    {
        var request = new Request { Launch = new LaunchRequest { Directory = new string('x', Frames.MaxMessage + 1) } };

        Assert.Throws<ArgumentException>(() => Frames.Encode(request));
    }
}
