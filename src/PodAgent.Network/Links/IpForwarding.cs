using PodAgent.Linux;

namespace PodAgent.Network.Links;

/// <summary>
/// The host's IPv4 forwarding switch, which pods need to reach anything beyond the bridge. Where it was off, the network turns it on,
/// and the note that it did lets <see cref="Restore"/> turn it off again. Lives on the network thread: the switch is per namespace.
/// </summary>
internal sealed class IpForwarding(string stateDirectory)
{
    private const string Switch = "/proc/sys/net/ipv4/ip_forward";

    private readonly string _note = Path.Combine(stateDirectory, "ip_forward.former");

    /// <summary>Turns forwarding on.</summary>
    /// <exception cref="AgentException">FailedPrecondition: it is off and may not be changed.</exception>
    public void Enable()
    {
        string former = File.ReadAllText(Switch).Trim();
        if (former == "1")
        {
            return;
        }

        // The note comes first: a switch that is on without a note would stay on for good.
        File.WriteAllText(_note, former);
        try
        {
            File.WriteAllText(Switch, "1");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AgentException(ErrorKind.FailedPrecondition, $"cannot turn on \"{Switch}\", which pods need: {e.Message}", e);
        }
    }

    /// <summary>Gives the switch its former value, if this network changed it.</summary>
    public void Restore()
    {
        if (File.Exists(_note))
        {
            File.WriteAllText(Switch, File.ReadAllText(_note));
            File.Delete(_note);
        }
    }
}
