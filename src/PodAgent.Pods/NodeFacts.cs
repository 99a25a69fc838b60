using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace PodAgent.Pods;

/// <summary>What pods may know of the node, and what their shares are computed from. Read once at start.</summary>
internal sealed record NodeFacts
{
    public required string NodeName { get; init; }

    /// <summary>Primary first.</summary>
    public required IReadOnlyList<string> HostIps { get; init; }

    /// <summary>Bytes.</summary>
    public required long MemoryCapacity { get; init; }

    /// <summary>Thousandths of a processor.</summary>
    public required long CpuCapacity { get; init; }

    public static NodeFacts Detect(string? nodeName, IReadOnlyList<string>? hostIps) => new()
    {
        NodeName = string.IsNullOrEmpty(nodeName) ? Dns.GetHostName().ToLowerInvariant() : nodeName,
        HostIps = hostIps is { Count: > 0 } ? hostIps : DetectIps(),
        MemoryCapacity = ReadMemory("/proc/meminfo"),
        CpuCapacity = Environment.ProcessorCount * 1000L,
    };

    // Like the kubelet's choice: the first global address of an interface that is up and not a bridge of ours, IPv4 first.
    private static List<string> DetectIps()
    {
        try
        {
            List<IPAddress> addresses =
            [
                .. NetworkInterface.GetAllNetworkInterfaces()
                    .Where(i => i.OperationalStatus == OperationalStatus.Up && i.NetworkInterfaceType != NetworkInterfaceType.Loopback)
                    .Where(i => i.GetIPProperties().GatewayAddresses.Count > 0)
                    .SelectMany(i => i.GetIPProperties().UnicastAddresses)
                    .Select(a => a.Address)
                    .Where(a => !IPAddress.IsLoopback(a) && !a.IsIPv6LinkLocal),
            ];
            string? v4 = addresses.FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork)?.ToString();
            string? v6 = addresses.FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetworkV6)?.ToString();
            List<string> found = [];
            if (v4 is not null)
            {
                found.Add(v4);
            }

            if (v6 is not null)
            {
                found.Add(v6);
            }

            return found.Count > 0 ? found : ["127.0.0.1"];
        }
        catch (NetworkInformationException)
        {
            return ["127.0.0.1"];
        }
    }

    internal static long ReadMemory(string path)
    {
        // MemTotal:       24689764 kB
        string? line = File.ReadLines(path).FirstOrDefault(l => l.StartsWith("MemTotal:", StringComparison.Ordinal));
        string[] fields = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        return fields.Length >= 2 && long.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out long kibibytes) ? kibibytes * 1024 : 0;
    }
}
