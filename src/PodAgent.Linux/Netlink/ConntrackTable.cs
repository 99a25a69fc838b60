using System.Net;
using PodAgent.Linux.Native;

namespace PodAgent.Linux.Netlink;

/// <summary>The tracked connections of one network namespace. Not thread-safe.</summary>
public sealed class ConntrackTable : IDisposable
{
    private const ushort Get = (ConntrackConstants.NFNL_SUBSYS_CTNETLINK << 8) | ConntrackConstants.IPCTNL_MSG_CT_GET;
    private const ushort Delete = (ConntrackConstants.NFNL_SUBSYS_CTNETLINK << 8) | ConntrackConstants.IPCTNL_MSG_CT_DELETE;
    // Their acknowledgements have to fit into the socket's buffer.
    private const int DeletionsPerBatch = 64;

    private readonly NetlinkSocket _socket = NetlinkSocket.OpenNetfilter();

    /// <summary>Forgets the connections of a protocol whose answers come from an IPv4 address: those that were translated to it, or went
    /// there in the first place. Their next packet is judged by the rules anew.</summary>
    /// <returns>How many there were.</returns>
    /// <exception cref="LinuxException">The kernel refused to list or to delete.</exception>
    public int Forget(IPAddress address, byte protocol)
    {
        byte[] bytes = address.GetAddressBytes();
        List<byte[]> originals = [];
        foreach (NetlinkMessage message in _socket.Dump(() => DumpAnswersFrom(bytes)))
        {
            // Kernels before 5.8 do not know the filter and send everything.
            if (Original(message.Payload, bytes, protocol) is { } original)
            {
                originals.Add(original);
            }
        }

        foreach (byte[][] chunk in originals.Chunk(DeletionsPerBatch))
        {
            var batch = new NetlinkBatch();
            foreach (byte[] original in chunk)
            {
                batch.Begin(Delete, NetlinkConstants.NLM_F_ACK, Body, "netfilter conntrack delete", $"flow to {address}");
                batch.Attribute(ConntrackConstants.CTA_TUPLE_ORIG | NetlinkConstants.NLA_F_NESTED, original);
            }

            // One that ended meanwhile is as good as deleted.
            if (_socket.TryExecute(batch, out _).FirstOrDefault(failure => failure.Errno != Errno.ENOENT) is { } refusal)
            {
                throw refusal;
            }
        }

        return originals.Count;
    }

    /// <summary>Closes the socket.</summary>
    public void Dispose() => _socket.Dispose();

    private static NfGenMsg Body => new() { nfgen_family = (byte)SocketConstants.AF_INET };

    private static NetlinkBatch DumpAnswersFrom(ReadOnlySpan<byte> address)
    {
        var batch = new NetlinkBatch();
        batch.Begin(Get, NetlinkConstants.NLM_F_DUMP, Body, "netfilter conntrack list", "all flows");
        int tuple = batch.BeginNest(ConntrackConstants.CTA_TUPLE_REPLY | NetlinkConstants.NLA_F_NESTED);
        int ip = batch.BeginNest(ConntrackConstants.CTA_TUPLE_IP | NetlinkConstants.NLA_F_NESTED);
        batch.Attribute(ConntrackConstants.CTA_IP_V4_SRC, address);
        batch.EndNest(ip);
        batch.EndNest(tuple);
        int filter = batch.BeginNest(ConntrackConstants.CTA_FILTER | NetlinkConstants.NLA_F_NESTED);
        batch.Attribute(ConntrackConstants.CTA_FILTER_REPLY_FLAGS, ConntrackConstants.CTA_FILTER_F_CTA_IP_SRC);
        batch.EndNest(filter);
        return batch;
    }

    // The tuple that names the flow to the kernel, if its answers come from the address by the protocol.
    private static byte[]? Original(ReadOnlySpan<byte> payload, ReadOnlySpan<byte> address, byte protocol)
    {
        ReadOnlySpan<byte> attributes = payload[NetlinkBatch.Size<NfGenMsg>()..];
        ReadOnlySpan<byte> reply = Find(attributes, ConntrackConstants.CTA_TUPLE_REPLY);
        bool matches = Find(Find(reply, ConntrackConstants.CTA_TUPLE_IP), ConntrackConstants.CTA_IP_V4_SRC).SequenceEqual(address)
            && Find(Find(reply, ConntrackConstants.CTA_TUPLE_PROTO), ConntrackConstants.CTA_PROTO_NUM).SequenceEqual([protocol]);
        return matches ? Find(attributes, ConntrackConstants.CTA_TUPLE_ORIG).ToArray() : null;
    }

    private static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> attributes, ushort type)
    {
        var reader = new NetlinkAttributeReader(attributes);
        while (reader.MoveNext())
        {
            if (reader.Type == type)
            {
                return reader.Value;
            }
        }

        return default;
    }
}
