using System.Globalization;
using System.Net;
using System.Text;

namespace PodAgent.Network;

/// <summary>The content of a pod's /etc/hosts (hosts(5)), laid out as the kubelet does.</summary>
public static class HostsFile
{
    /// <summary>The first line: tells the file from one that came with an image.</summary>
    public const string Marker = "# Managed by podagent: changes are lost when a container of the pod restarts.";

    private const string AliasMarker = "# From hostAliases of the pod:";

    /// <summary>The file of a pod with a network of its own.</summary>
    /// <param name="addresses">The pod's addresses; each gets a line with the pod's names.</param>
    /// <param name="hostname">The pod's host name.</param>
    /// <param name="domain">The domain that the pod has a name in (<c>sub.ns.svc.cluster.local</c>); null or empty: none.</param>
    /// <param name="aliases">Additional lines.</param>
    public static string Render(IReadOnlyList<IPAddress> addresses, string hostname, string? domain, IReadOnlyList<HostAlias> aliases)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Marker}\n");
        text.Append("127.0.0.1\tlocalhost\n");
        text.Append("::1\tlocalhost ip6-localhost ip6-loopback\n");
        text.Append("fe00::0\tip6-localnet\n");
        text.Append("fe00::0\tip6-mcastprefix\n");
        text.Append("fe00::1\tip6-allnodes\n");
        text.Append("fe00::2\tip6-allrouters\n");
        foreach (IPAddress address in addresses)
        {
            text.Append(CultureInfo.InvariantCulture, $"{address}\t{(string.IsNullOrEmpty(domain) ? "" : $"{hostname}.{domain}\t")}{hostname}\n");
        }

        AppendAliases(text, aliases);
        return text.ToString();
    }

    /// <summary>The file of a pod in the host's network: the host's own file and the additional lines.</summary>
    public static string RenderForHostNetwork(string hostFile, IReadOnlyList<HostAlias> aliases)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Marker}\n");
        text.Append(hostFile);
        if (hostFile.Length > 0 && !hostFile.EndsWith('\n'))
        {
            text.Append('\n');
        }

        AppendAliases(text, aliases);
        return text.ToString();
    }

    private static void AppendAliases(StringBuilder text, IReadOnlyList<HostAlias> aliases)
    {
        if (aliases.Count == 0)
        {
            return;
        }

        text.Append(CultureInfo.InvariantCulture, $"\n{AliasMarker}\n");
        foreach (HostAlias alias in aliases)
        {
            text.Append(CultureInfo.InvariantCulture, $"{alias.Address}\t{string.Join('\t', alias.HostNames)}\n");
        }
    }
}
