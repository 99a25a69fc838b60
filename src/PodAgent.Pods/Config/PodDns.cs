namespace PodAgent.Pods.Config;

/// <summary>The pod's resolver settings by dnsPolicy and dnsConfig.</summary>
internal static class PodDns
{
    private const int MaxServers = 3;
    private const int MaxSearches = 32;

    /// <param name="pod">The pod.</param>
    /// <param name="hostResolvConf">Text of the node's resolver configuration.</param>
    /// <param name="clusterServers">The cluster's DNS servers; empty without a cluster.</param>
    /// <param name="clusterDomain">For the cluster's search list.</param>
    public static Cri.DNSConfig Build(
        Core.Pod pod, string hostResolvConf, IReadOnlyList<string> clusterServers, string clusterDomain)
    {
        Cri.DNSConfig host = Parse(hostResolvConf);
        Cri.DNSConfig dns = new();
        string policy = pod.Spec.HasDnsPolicy ? pod.Spec.DnsPolicy : "ClusterFirst";
        bool wantsCluster = policy == "ClusterFirstWithHostNet" || (policy == "ClusterFirst" && !pod.Spec.HostNetwork);
        // Without a cluster, ClusterFirst means what Default does, as for the kubelet. It is the default policy: nobody is warned.
        if (wantsCluster && clusterServers.Count > 0)
        {
            string ns = pod.Metadata.Namespace;
            dns.Servers.AddRange(clusterServers);
            dns.Searches.AddRange([$"{ns}.svc.{clusterDomain}", $"svc.{clusterDomain}", clusterDomain, .. host.Searches]);
            dns.Options.Add("ndots:5");
        }
        else if (policy != "None")
        {
            dns = host;
        }

        if (pod.Spec.DnsConfig is { } extra)
        {
            AddNew(dns.Servers, extra.Nameservers);
            AddNew(dns.Searches, extra.Searches);
            foreach (Core.PodDNSConfigOption option in extra.Options)
            {
                string text = option.HasValue && option.Value.Length > 0 ? $"{option.Name}:{option.Value}" : option.Name;
                // An option of the same name replaces the policy's.
                string? old = dns.Options.FirstOrDefault(o => o == option.Name || o.StartsWith(option.Name + ":", StringComparison.Ordinal));
                if (old is not null)
                {
                    dns.Options[dns.Options.IndexOf(old)] = text;
                }
                else
                {
                    dns.Options.Add(text);
                }
            }
        }

        Truncate(dns.Servers, MaxServers);
        Truncate(dns.Searches, MaxSearches);
        return dns;
    }

    internal static Cri.DNSConfig Parse(string resolvConf)
    {
        Cri.DNSConfig dns = new();
        foreach (string line in resolvConf.Split('\n'))
        {
            string[] fields = line.Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 2 || fields[0][0] is '#' or ';')
            {
                continue;
            }

            switch (fields[0])
            {
                case "nameserver":
                    dns.Servers.Add(fields[1]);
                    break;
                case "search":
                case "domain":
                    // The last one wins, resolv.conf(5).
                    dns.Searches.Clear();
                    dns.Searches.AddRange(fields.Skip(1).Where(s => s != "."));
                    break;
                case "options":
                    dns.Options.Clear();
                    dns.Options.AddRange(fields.Skip(1));
                    break;
                default:
                    break;
            }
        }

        return dns;
    }

    private static void AddNew(IList<string> to, IEnumerable<string> values)
    {
        foreach (string value in values.Where(v => !to.Contains(v)))
        {
            to.Add(value);
        }
    }

    private static void Truncate(IList<string> values, int count)
    {
        while (values.Count > count)
        {
            values.RemoveAt(values.Count - 1);
        }
    }
}
