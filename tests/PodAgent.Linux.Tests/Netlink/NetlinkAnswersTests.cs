using System.Runtime.InteropServices;
using System.Text;
using PodAgent.Linux.Native;
using PodAgent.Linux.Netlink;

namespace PodAgent.Linux.Tests.Netlink;

public sealed class NetlinkAnswersTests
{
    private static readonly NetlinkRequest s_first = new(101, "rtnetlink(7) RTM_NEWLINK", "pa1");
    private static readonly NetlinkRequest s_second = new(102, "rtnetlink(7) RTM_NEWADDR", "10.0.0.1/8");

    private readonly List<NetlinkMessage> _replies = [];
    private readonly List<LinuxException> _failures = [];

    [Fact]
    public void Read_Acknowledgements_ConcludeTheirRequests()
    {
        int concluded = Read([.. Error(101, 0), .. Error(102, 0)]);

        Assert.Equal(2, concluded);
        Assert.Empty(_failures);
    }

    [Fact]
    public void Read_ErrorWithText_NamesRequestTextAndErrno()
    {
        Read([.. Error(101, 0), .. Error(102, -(int)Errno.EINVAL, "IPv4: bad scope", capped: true)]);

        LinuxException failure = Assert.Single(_failures);
        Assert.Equal(Errno.EINVAL, failure.Errno);
        Assert.Equal("rtnetlink(7) RTM_NEWADDR \"10.0.0.1/8: IPv4: bad scope\": invalid argument (EINVAL)", failure.Message);
    }

    [Fact]
    public void Read_ErrorThatEchoesTheRequest_FindsTheTextBehindIt()
    {
        Read(Error(101, -(int)Errno.EBUSY, "in use", capped: false, echoed: 24));

        Assert.Equal("pa1: in use", Assert.Single(_failures).Subject);
    }

    [Fact]
    public void Read_AnswerToSomebodyElse_IsPassedOver()
    {
        int concluded = Read([.. Error(55, -(int)Errno.EPERM), .. Error(101, 0)]);

        Assert.Equal(1, concluded);
        Assert.Empty(_failures);
    }

    [Fact]
    public void Read_Reply_IsKeptAndConcludesNothing()
    {
        int concluded = Read(Message(RtnetlinkConstants.RTM_NEWLINK, 101, 0, [1, 2, 3, 4]));

        Assert.Equal(0, concluded);
        Assert.Equal([1, 2, 3, 4], Assert.Single(_replies).Payload);
    }

    [Fact]
    public void Read_InterruptedDump_IsNoticed()
    {
        NetlinkAnswers.Read(
            Message(RtnetlinkConstants.RTM_NEWLINK, 101, NetlinkConstants.NLM_F_DUMP_INTR, [0, 0, 0, 0]),
            [s_first],
            _replies,
            _failures,
            out bool interrupted);

        Assert.True(interrupted);
    }

    [Fact]
    public void Read_EndOfDumpWithError_IsAFailure()
    {
        int concluded = Read(Message(NetlinkConstants.NLMSG_DONE, 101, 0, BitConverter.GetBytes(-(int)Errno.EBUSY)));

        Assert.Equal(1, concluded);
        Assert.Equal(Errno.EBUSY, Assert.Single(_failures).Errno);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(19)]
    public void Read_TruncatedDatagram_ConcludesNothing(int length) => Assert.Equal(0, Read(Error(101, 0)[..length]));

    private int Read(byte[] datagram) => NetlinkAnswers.Read(datagram, [s_first, s_second], _replies, _failures, out _);

    private static byte[] Error(uint sequence, int code, string? text = null, bool capped = true, int echoed = 16)
    {
        int flags = (capped ? NetlinkConstants.NLM_F_CAPPED : 0) | (text is null ? 0 : NetlinkConstants.NLM_F_ACK_TLVS);
        var echo = new NlMsgHdr { nlmsg_len = (uint)echoed, nlmsg_seq = sequence };
        byte[] payload =
        [
            .. BitConverter.GetBytes(code),
            .. MemoryMarshal.AsBytes(new ReadOnlySpan<NlMsgHdr>(in echo)).ToArray(),
            .. new byte[capped ? 0 : echoed - 16],
        ];
        if (text is not null)
        {
            byte[] content = Encoding.ASCII.GetBytes(text + '\0');
            payload = [.. payload, (byte)(content.Length + 4), 0, 1, 0, .. content, .. new byte[(4 - (content.Length % 4)) % 4]];
        }

        return Message(NetlinkConstants.NLMSG_ERROR, sequence, flags, payload);
    }

    private static byte[] Message(ushort type, uint sequence, int flags, byte[] payload)
    {
        var header = new NlMsgHdr { nlmsg_len = (uint)(16 + payload.Length), nlmsg_type = type, nlmsg_flags = (ushort)flags, nlmsg_seq = sequence };
        return [.. MemoryMarshal.AsBytes(new ReadOnlySpan<NlMsgHdr>(in header)).ToArray(), .. payload];
    }
}
