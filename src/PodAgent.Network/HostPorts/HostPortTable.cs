using System.Net;
using System.Net.Sockets;
using PodAgent.Linux;

namespace PodAgent.Network.HostPorts;

/// <summary>
/// The published ports of all sandboxes and the sockets that hold them. A port is claimed in two steps, so that an attachment that fails
/// later has carried nobody's data: <see cref="Reserve"/> binds, <see cref="Serve"/> starts forwarding. Lives on the network thread.
/// </summary>
internal sealed class HostPortTable(HostSockets sockets, TimeProvider time) : IDisposable
{
    private readonly Dictionary<string, Entry> _entries = [];

    /// <summary>Claims the ports of an attachment against other sandboxes and against the host's processes; all or none.</summary>
    /// <exception cref="AgentException">AlreadyExists: a port has a holder, who is named.</exception>
    public void Reserve(NetworkAttachment attachment)
    {
        CheckSandboxes(attachment);
        List<(PortMapping, Socket)> bound = [];
        try
        {
            foreach (PortMapping mapping in attachment.PortMappings)
            {
                bound.AddRange(HostPortReservation.Bind(mapping).Select(socket => (mapping, socket)));
            }
        }
        catch
        {
            bound.ForEach(item => item.Item2.Dispose());
            throw;
        }

        _entries[attachment.SandboxId] = new Entry(attachment, bound, []);
    }

    /// <summary>Notes the ports of an attachment without holding them: those of a former process until they are reserved again.</summary>
    public void Claim(NetworkAttachment attachment) =>
        _entries[attachment.SandboxId] = new Entry(attachment, [], []) { IsHeld = false };

    /// <summary>Whether the ports of a sandbox are reserved by this process.</summary>
    public bool IsHeld(string sandboxId) => _entries.TryGetValue(sandboxId, out Entry? entry) && entry.IsHeld;

    /// <summary>Starts forwarding to a sandbox whose ports are reserved.</summary>
    public void Serve(NetworkAttachment attachment)
    {
        Entry entry = _entries[attachment.SandboxId];
        foreach ((PortMapping mapping, Socket socket) in entry.Reserved)
        {
            var target = new IPEndPoint(attachment.Addresses[0], mapping.ContainerPort);
            entry.Forwarders.Add(mapping.Protocol == TransportProtocol.Tcp
                ? new TcpForwarder(socket, target, sockets, time)
                : new UdpForwarder(socket, target, sockets, time));
        }

        entry.Reserved.Clear();
    }

    /// <summary>Frees the ports of a sandbox; one without ports is no error.</summary>
    public void Release(string sandboxId)
    {
        if (_entries.Remove(sandboxId, out Entry? entry))
        {
            entry.Close();
        }
    }

    /// <summary>Frees all ports.</summary>
    public void Dispose()
    {
        foreach (Entry entry in _entries.Values)
        {
            entry.Close();
        }

        _entries.Clear();
    }

    /// <summary>Refuses mappings that overlap each other or one of another sandbox.</summary>
    private void CheckSandboxes(NetworkAttachment attachment)
    {
        IReadOnlyList<PortMapping> mappings = attachment.PortMappings;
        for (int i = 0; i < mappings.Count; i++)
        {
            PortMapping mapping = mappings[i];
            if (mappings.Take(i).Any(mapping.Overlaps))
            {
                throw new AgentException(
                    ErrorKind.InvalidArgument, $"{attachment.Owner} publishes host port {mapping.Describe()} more than once");
            }

            NetworkAttachment? holder = _entries.Values
                .Select(entry => entry.Owner)
                .FirstOrDefault(owner => owner.SandboxId != attachment.SandboxId && owner.PortMappings.Any(mapping.Overlaps));
            if (holder is not null)
            {
                throw new AgentException(ErrorKind.AlreadyExists, $"host port {mapping.Describe()} is taken by {holder.Owner}");
            }
        }
    }

    private sealed record Entry(
        NetworkAttachment Owner, List<(PortMapping Mapping, Socket Socket)> Reserved, List<IDisposable> Forwarders)
    {
        public bool IsHeld { get; init; } = true;

        public void Close()
        {
            Reserved.ForEach(item => item.Socket.Dispose());
            Forwarders.ForEach(forwarder => forwarder.Dispose());
        }
    }
}
