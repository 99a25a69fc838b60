using System.Buffers.Binary;
using System.Net;
using PodAgent.Linux.Native;
using PodAgent.Linux.Netlink;

namespace PodAgent.Linux.Tests.Netlink;

public sealed class NetlinkBatchTests
{
    [Fact]
    public void GetLink_OneName_IsEncodedAsTheKernelReadsIt()
    {
        var batch = new NetlinkBatch();

        batch.GetLink("eth0");

        byte[] bytes = batch.Bytes.ToArray();
        byte[] sequence = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(sequence, batch.Requests[0].Sequence);
        byte[] expected =
        [
            44, 0, 0, 0, 18, 0, 5, 0, .. sequence, 0, 0, 0, 0, // length, RTM_GETLINK, REQUEST|ACK, sequence, port
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // struct ifinfomsg
            9, 0, 3, 0, (byte)'e', (byte)'t', (byte)'h', (byte)'0', 0, 0, 0, 0, // IFLA_IFNAME with its end, padded
        ];
        Assert.Equal(expected, bytes);
    }

    [Fact]
    public void Batch_SeveralRequests_EachHasItsLengthAndSequence()
    {
        var batch = new NetlinkBatch();
        batch.SetUp(1);
        batch.AddAddress(7, IPAddress.Parse("10.88.0.5"), 16);
        batch.AddDefaultRoute(7, IPAddress.Parse("10.88.0.1"));

        byte[] bytes = batch.Bytes.ToArray();

        List<(uint Length, ushort Type, uint Sequence)> messages = [];
        for (int offset = 0; offset < bytes.Length; offset += (int)messages[^1].Length)
        {
            Span<byte> at = bytes.AsSpan(offset);
            messages.Add((
                BinaryPrimitives.ReadUInt32LittleEndian(at),
                BinaryPrimitives.ReadUInt16LittleEndian(at[4..]),
                BinaryPrimitives.ReadUInt32LittleEndian(at[8..])));
        }

        Assert.Equal(
            [RtnetlinkConstants.RTM_NEWLINK, RtnetlinkConstants.RTM_NEWADDR, RtnetlinkConstants.RTM_NEWROUTE],
            messages.Select(message => message.Type));
        Assert.Equal(batch.Requests.Select(request => request.Sequence), messages.Select(message => message.Sequence));
        Assert.Equal(bytes.Length, messages.Sum(message => (int)message.Length));
    }

    [Fact]
    public void AddVeth_NestedAttributes_CloseWhereTheirContentEnds()
    {
        var batch = new NetlinkBatch();
        using var fd = new Fd();
        batch.AddVeth(new VethPair { Name = "pa0", Master = 3, PeerNamespace = fd, PeerName = "eth0", PeerAddress = [2, 0, 0, 0, 0, 1], Mtu = 1400 });

        NetlinkAttributeReader info = Find(batch.Bytes[32..], RtnetlinkConstants.IFLA_LINKINFO);
        Assert.Equal("veth", Find(info.Value, RtnetlinkConstants.IFLA_INFO_KIND).Text());
        NetlinkAttributeReader data = Find(info.Value, RtnetlinkConstants.IFLA_INFO_DATA);
        NetlinkAttributeReader peer = Find(data.Value, RtnetlinkConstants.VETH_INFO_PEER);
        ReadOnlySpan<byte> attributes = peer.Value[16..];
        Assert.Equal("eth0", Find(attributes, RtnetlinkConstants.IFLA_IFNAME).Text());
        Assert.Equal(1400u, Find(attributes, RtnetlinkConstants.IFLA_MTU).UInt32());
        Assert.Equal([2, 0, 0, 0, 0, 1], Find(attributes, RtnetlinkConstants.IFLA_ADDRESS).Value.ToArray());
    }

    [Fact]
    public void Read_LinkMessage_FindsItsAttributes()
    {
        var batch = new NetlinkBatch();
        batch.AddBridge("br7", [2, 1, 2, 3, 4, 5], 9000);

        LinkRecord link = LinkRecord.Read(batch.Bytes[16..]);

        Assert.Equal("br7", link.Name);
        Assert.Equal("bridge", link.Kind);
        Assert.Equal(9000, link.Mtu);
        Assert.True(link.IsUp);
        Assert.Equal([2, 1, 2, 3, 4, 5], link.HardwareAddress);
        Assert.Null(link.Alias);
    }

    [Theory]
    [InlineData("192.0.2.9")]
    [InlineData("2001:db8::9")]
    public void Read_AddressMessage_GivesWhatWasWritten(string text)
    {
        var batch = new NetlinkBatch();
        batch.AddAddress(4, IPAddress.Parse(text), 24);

        Assert.Equal(new AddressRecord(4, IPAddress.Parse(text), 24), AddressRecord.Read(batch.Bytes[16..]));
    }

    [Theory]
    [InlineData(new byte[] { 3, 0, 1, 0 })]
    [InlineData(new byte[] { 200, 0, 1, 0, 1, 1 })]
    [InlineData(new byte[] { 8, 0 })]
    public void MoveNext_LengthThatDoesNotFit_EndsTheWalk(byte[] attributes)
    {
        var reader = new NetlinkAttributeReader(attributes);

        Assert.False(reader.MoveNext());
    }

    private static NetlinkAttributeReader Find(ReadOnlySpan<byte> attributes, ushort type)
    {
        var reader = new NetlinkAttributeReader(attributes);
        while (reader.MoveNext())
        {
            if (reader.Type == type)
            {
                return reader;
            }
        }

        throw new InvalidOperationException($"no attribute {type}");
    }
}
