namespace PodAgent.Network;

/// <summary>What /etc/resolv.conf says (resolv.conf(5)).</summary>
/// <param name="Nameservers">Addresses of name servers, in order.</param>
/// <param name="Searches">Domains to complete short names with, in order.</param>
/// <param name="Options">Options such as <c>ndots:5</c>.</param>
public sealed record ResolverConfiguration(
    IReadOnlyList<string> Nameservers, IReadOnlyList<string> Searches, IReadOnlyList<string> Options)
{
    /// <summary>Whether it says nothing at all: a pod then gets the host's.</summary>
    public bool IsEmpty => Nameservers.Count == 0 && Searches.Count == 0 && Options.Count == 0;
}
