using System.Runtime.InteropServices;
using PodAgent.Linux.Native;

namespace PodAgent.Linux.Netlink;

/// <summary>Links, addresses and routes of one network namespace over a netlink socket. Not thread-safe.</summary>
public sealed class RouteSocket : IDisposable
{
    private readonly NetlinkSocket _socket = NetlinkSocket.OpenRoute();

    /// <summary>Carries out a batch built with <see cref="RouteRequests"/>.</summary>
    /// <exception cref="LinuxException">A request was refused.</exception>
    public void Execute(Action<NetlinkBatch> build)
    {
        var batch = new NetlinkBatch();
        build(batch);
        _socket.Execute(batch);
    }

    /// <summary>The interface of this name; null when there is none.</summary>
    public LinkRecord? FindLink(string name)
    {
        var batch = new NetlinkBatch();
        batch.GetLink(name);
        try
        {
            return LinkRecord.Read(_socket.Execute(batch)[0].Payload);
        }
        catch (LinuxException e) when (e.Errno == Errno.ENODEV)
        {
            return null;
        }
    }

    /// <summary>Deletes an interface; false when there is none of this name.</summary>
    public bool TryDeleteLink(string name)
    {
        try
        {
            Execute(batch => batch.DeleteLink(name));
            return true;
        }
        catch (LinuxException e) when (e.Errno == Errno.ENODEV)
        {
            return false;
        }
    }

    /// <summary>Deletes interfaces together: the kernel waits for its readers once, not once for each. Missing ones are no error.</summary>
    /// <param name="names">The interfaces.</param>
    /// <param name="group">A group number that nobody else on the host uses; the interfaces are deleted as members of it.</param>
    /// <exception cref="LinuxException">The kernel refused to delete the rest.</exception>
    public void DeleteLinks(IReadOnlyCollection<string> names, uint group)
    {
        var batch = new NetlinkBatch();
        foreach (string name in names)
        {
            batch.SetGroup(name, group);
        }

        batch.DeleteGroup(group);
        if (_socket.TryExecute(batch, out _).FirstOrDefault(failure => failure.Errno != Errno.ENODEV) is { } refusal)
        {
            throw refusal;
        }
    }

    /// <summary>All interfaces of the namespace.</summary>
    public IReadOnlyList<LinkRecord> ListLinks() =>
        [.. Dump(batch => batch.DumpLinks(), RtnetlinkConstants.RTM_NEWLINK).Select(message => LinkRecord.Read(message.Payload))];

    /// <summary>All addresses of the namespace.</summary>
    public IReadOnlyList<AddressRecord> ListAddresses() =>
        [.. Dump(batch => batch.DumpAddresses(), RtnetlinkConstants.RTM_NEWADDR)
            .Select(message => AddressRecord.Read(message.Payload))
            .OfType<AddressRecord>()];

    /// <summary>The interface that the IPv4 default route of the main table leaves through; null when there is none.</summary>
    public LinkRecord? FindDefaultRouteLink()
    {
        foreach (NetlinkMessage message in Dump(batch => batch.DumpRoutes(), RtnetlinkConstants.RTM_NEWROUTE))
        {
            RtMsg body = MemoryMarshal.Read<RtMsg>(message.Payload);
            if (body.rtm_dst_len == 0 && body.rtm_table == RtnetlinkConstants.RT_TABLE_MAIN && OutputLink(message.Payload) is { } index)
            {
                return ListLinks().FirstOrDefault(link => link.Index == index);
            }
        }

        return null;
    }

    /// <summary>Closes the socket.</summary>
    public void Dispose() => _socket.Dispose();

    private static int? OutputLink(ReadOnlySpan<byte> payload)
    {
        var attributes = new NetlinkAttributeReader(payload[NetlinkBatch.Size<RtMsg>()..]);
        while (attributes.MoveNext())
        {
            if (attributes.Type == RtnetlinkConstants.RTA_OIF)
            {
                return (int)attributes.UInt32();
            }
        }

        return null;
    }

    private IEnumerable<NetlinkMessage> Dump(Action<NetlinkBatch> build, ushort type) => _socket.Dump(() =>
    {
        var batch = new NetlinkBatch();
        build(batch);
        return batch;
    }).Where(message => message.Type == type);
}
