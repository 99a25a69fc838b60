using System.Globalization;
using System.Net;

namespace PodAgent.Network.HostPorts;

/// <summary>Finds the process that holds a port, for the message to the one who wanted it (proc_pid_net(5), proc_pid_fd(5)).</summary>
internal static class PortHolder
{
    private const string Listening = "0A";

    /// <summary>Names the holder: <c>process "nginx" (pid 4711)</c>; null when it cannot be found. Runs on the network thread.</summary>
    public static string? Describe(TransportProtocol protocol, IPAddress address, int port)
    {
        string table = protocol == TransportProtocol.Tcp ? "tcp" : "udp";
        // /proc/net is that of the process; the network thread may live in another namespace.
        HashSet<string> inodes =
        [
            .. Inodes($"/proc/thread-self/net/{table}", protocol, address, port),
            .. Inodes($"/proc/thread-self/net/{table}6", protocol, address, port),
        ];
        return inodes.Count == 0 ? null : FindProcess(inodes);
    }

    /// <summary>The socket inodes of the lines of a /proc/net table that hold the port.</summary>
    internal static IEnumerable<string> ReadInodes(IEnumerable<string> lines, TransportProtocol protocol, IPAddress address, int port)
    {
        foreach (string line in lines.Skip(1))
        {
            string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 10 || fields[1].Split(':') is not [string local, string hexPort])
            {
                continue;
            }

            bool matches = int.TryParse(hexPort, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out int number)
                && number == port
                && (protocol != TransportProtocol.Tcp || fields[3] == Listening)
                && (IsAny(address) || IsAny(ReadAddress(local)) || ReadAddress(local).Equals(address));
            if (matches)
            {
                yield return fields[9];
            }
        }
    }

    private static IEnumerable<string> Inodes(string path, TransportProtocol protocol, IPAddress address, int port) =>
        File.Exists(path) ? ReadInodes(File.ReadAllLines(path), protocol, address, port) : [];

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    // The kernel prints addresses as 32-bit words in the machine's byte order.
    private static IPAddress ReadAddress(string hex)
    {
        byte[] bytes = Convert.FromHexString(hex);
        if (BitConverter.IsLittleEndian)
        {
            for (int word = 0; word < bytes.Length; word += 4)
            {
                Array.Reverse(bytes, word, 4);
            }
        }

        var address = new IPAddress(bytes);
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }

    private static string? FindProcess(HashSet<string> inodes)
    {
        foreach (string directory in Directory.EnumerateDirectories("/proc"))
        {
            string pid = Path.GetFileName(directory);
            if (char.IsAsciiDigit(pid[0]) && HoldsSocket(directory, inodes))
            {
                return $"process \"{ReadName(directory)}\" (pid {pid})";
            }
        }

        return null;
    }

    private static bool HoldsSocket(string processDirectory, HashSet<string> inodes)
    {
        try
        {
            foreach (string descriptor in Directory.EnumerateFileSystemEntries(Path.Combine(processDirectory, "fd")))
            {
                string? target = new FileInfo(descriptor).LinkTarget;
                if (target is not null && target.StartsWith("socket:[", StringComparison.Ordinal) && inodes.Contains(target[8..^1]))
                {
                    return true;
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The process ended meanwhile, or is none of ours to look at: then it is not the one that can be named.
        }

        return false;
    }

    private static string ReadName(string processDirectory)
    {
        try
        {
            return File.ReadAllText(Path.Combine(processDirectory, "comm")).Trim();
        }
        catch (IOException)
        {
            return "?";
        }
    }
}
