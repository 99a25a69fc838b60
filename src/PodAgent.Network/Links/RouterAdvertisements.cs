namespace PodAgent.Network.Links;

/// <summary>
/// IPv6 router advertisements on interfaces of the pod network. Pods may send raw packets, so a pod could make itself the router of
/// the host or of its neighbours with one packet (CVE-2020-10749); nobody else on the bridge has any to send.
/// </summary>
internal static class RouterAdvertisements
{
    /// <summary>Makes an interface ignore them, in the calling thread's network namespace.</summary>
    public static void Ignore(string interfaceName)
    {
        string path = $"/proc/sys/net/ipv6/conf/{interfaceName}/accept_ra";
        try
        {
            File.WriteAllText(path, "0");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // No IPv6 in this kernel or namespace: nothing to accept either.
        }
    }
}
