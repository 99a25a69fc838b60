using FsCheck;
using FsCheck.Fluent;
using PodAgent.Streaming.Spdy;

namespace PodAgent.Streaming.Tests.Spdy;

public sealed class FrameHeaderTests
{
    [Fact]
    public void Write_KnownFrames_AreTheBytesOfTheSpecification()
    {
        Assert.Equal("8003000600000004", Hex(SpdyFrameHeader.Control(SpdyFrameType.Ping, 0, 4)));
        Assert.Equal("8003000101012345", Hex(SpdyFrameHeader.Control(SpdyFrameType.SynStream, SpdyFrameHeader.Fin, 0x12345)));
        Assert.Equal("0000000701000000", Hex(SpdyFrameHeader.Data(7, SpdyFrameHeader.Fin, 0)));
        Assert.Equal("7FFFFFFF00FFFFFF", Hex(SpdyFrameHeader.Data(int.MaxValue, 0, SpdyFrameHeader.MaxLength)));
    }

    [Fact]
    public void Read_AnyEightBytes_AreWrittenBackTheSame() => Prop.ForAll(
        ArbMap.Default.ArbFor<ulong>(),
        number =>
        {
            byte[] bytes = BitConverter.GetBytes(number);
            var header = SpdyFrameHeader.Read(bytes);
            if (!header.IsControl || header.Version == SpdyFrameHeader.SupportedVersion)
            {
                Assert.Equal(Convert.ToHexString(bytes), Hex(header));
            }
        }).QuickCheckThrowOnFailure();

    private static string Hex(SpdyFrameHeader header)
    {
        byte[] bytes = new byte[SpdyFrameHeader.Size];
        header.Write(bytes);
        return Convert.ToHexString(bytes);
    }
}
