using System.Text;

namespace PodAgent.Pods.Config;

/// <summary>The pod's /etc/hosts as the kubelet writes it; scripts recognise its first line.</summary>
internal static class HostsText
{
    public static string Build(Core.Pod pod, IReadOnlyList<string> podIps, string hostname, string domain, string hostFile)
    {
        StringBuilder text = new();
        text.Append("# Kubernetes-managed hosts file");
        if (pod.Spec.HostNetwork)
        {
            text.Append(" (host network).\n").Append(hostFile);
        }
        else
        {
            text.Append(".\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n")
                .Append("fe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n");
            foreach (string ip in podIps)
            {
                text.Append(ip).Append('\t');
                if (domain.Length > 0)
                {
                    text.Append(hostname).Append('.').Append(domain).Append('\t');
                }

                text.Append(hostname).Append('\n');
            }
        }

        if (pod.Spec.HostAliases.Count > 0)
        {
            text.Append("\n# Entries added by HostAliases.\n");
            foreach (Core.HostAlias alias in pod.Spec.HostAliases)
            {
                text.Append(alias.Ip).Append('\t').AppendJoin('\t', alias.Hostnames).Append('\n');
            }
        }

        return text.ToString();
    }
}
