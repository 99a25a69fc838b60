using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PodAgent.Network.Rules;

/// <summary>
/// The network's nftables commands in the nft(8) language, made from validated names and typed values only. Published ports are
/// elements of two maps, so that a port is one element more or less and the rules never change.
/// </summary>
internal sealed class NftRuleset(BridgeNetworkOptions options)
{
    private const string AnyAddressMap = "hostports";
    private const string OneAddressMap = "hostports_at";

    private string Table => $"inet {options.NftTable}";

    /// <summary>Replaces the table as a whole, in one transaction: no packet ever sees it incomplete.</summary>
    public string Replace(IEnumerable<NetworkAttachment> attachments)
    {
        List<(string Map, string Key, string Value)> elements = [.. attachments.SelectMany(Elements)];
        string bridge = $"\"{options.BridgeName}\"";
        string subnet = options.Subnet.ToString();
        // "add" before "delete": the deletion of a table that does not exist would fail the transaction.
        return $$"""
            add table {{Table}}
            delete table {{Table}}
            table {{Table}} {
                map {{AnyAddressMap}} {
                    type inet_proto . inet_service : ipv4_addr . inet_service{{Contents(elements, AnyAddressMap)}}
                }
                map {{OneAddressMap}} {
                    type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service{{Contents(elements, OneAddressMap)}}
                }
                chain hostports {
                    ip daddr 127.0.0.0/8 return
                    dnat ip to ip daddr . meta l4proto . th dport map @{{OneAddressMap}}
                    dnat ip to meta l4proto . th dport map @{{AnyAddressMap}}
                }
                chain prerouting {
                    type nat hook prerouting priority dstnat; policy accept;
                    fib daddr type local jump hostports
                }
                chain output {
                    type nat hook output priority -100; policy accept;
                    fib daddr type local jump hostports
                }
                chain postrouting {
                    type nat hook postrouting priority srcnat; policy accept;
                    ip saddr {{subnet}} ip daddr != { {{subnet}}, 224.0.0.0/4 } oifname != {{bridge}} masquerade
                    ip saddr {{subnet}} oifname {{bridge}} ct status dnat masquerade
                }
                chain loopback {
                    type filter hook prerouting priority raw; policy accept;
                    iifname {{bridge}} ip daddr 127.0.0.0/8 drop
                    iifname {{bridge}} ip saddr 127.0.0.0/8 drop
                }
                chain redirects {
                    type filter hook output priority filter; policy accept;
                    oifname {{bridge}} icmp type redirect drop
                }
            }
            """;
    }

    /// <summary>Publishes the ports of an attachment; null when it has none that nftables serves.</summary>
    public string? Publish(NetworkAttachment attachment) => Commands("add", attachment);

    /// <summary>Withdraws them; null when there are none.</summary>
    public string? Withdraw(NetworkAttachment attachment) => Commands("delete", attachment);

    /// <summary>Deletes the table, whether it exists or not.</summary>
    public string Remove() => $"add table {Table}\ndelete table {Table}\n";

    /// <summary>Prints the table.</summary>
    public string List() => $"list table {Table}\n";

    private static IEnumerable<(string Map, string Key, string Value)> Elements(NetworkAttachment attachment)
    {
        IPAddress? address = attachment.Addresses.FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork);
        foreach (PortMapping port in attachment.PortMappings)
        {
            // Loopback addresses and IPv6 are served by the forwarder alone.
            if (address is null || port.HostIp is { } host && (IPAddress.IsLoopback(host) || host.AddressFamily != AddressFamily.InterNetwork))
            {
                continue;
            }

            string key = string.Create(CultureInfo.InvariantCulture, $"{(int)port.Protocol} . {port.HostPort}");
            string value = string.Create(CultureInfo.InvariantCulture, $"{address} . {port.ContainerPort}");
            yield return port.HostIp is null ? (AnyAddressMap, key, value) : (OneAddressMap, $"{port.HostIp} . {key}", value);
        }
    }

    private static string Contents(List<(string Map, string Key, string Value)> elements, string map)
    {
        string list = string.Join(", ", elements.Where(e => e.Map == map).Select(e => $"{e.Key} : {e.Value}"));
        return list.Length == 0 ? "" : $"\n        elements = {{ {list} }}";
    }

    private string? Commands(string verb, NetworkAttachment attachment)
    {
        var text = new StringBuilder();
        foreach ((string map, string key, string value) in Elements(attachment))
        {
            text.Append(CultureInfo.InvariantCulture, $"{verb} element {Table} {map} {{ {key} : {value} }}\n");
        }

        return text.Length == 0 ? null : text.ToString();
    }
}
