using PodAgent.Linux;

namespace PodAgent.Containers.Security;

/// <summary>
/// Checks kernel parameters that a pod asks for. Only such that belong to a namespace of the pod may be set, and neither name nor value may
/// be anything but one parameter's name and value: a crafted one must not reach another file of /proc/sys.
/// </summary>
public static class Sysctls
{
    private const int MaxNameLength = 253;
    private const int MaxValueLength = 4096;

    private static readonly string[] s_ipc =
        ["kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced", "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.auto_msgmni", "kernel.shm_next_id", "kernel.msg_next_id", "kernel.sem_next_id"];

    /// <summary>The parameters that Kubernetes allows without the node's consent.</summary>
    public static IReadOnlySet<string> Safe { get; } = new HashSet<string>
    {
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.tcp_syncookies",
        "net.ipv4.ping_group_range",
        "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
        "net.ipv4.tcp_rmem",
        "net.ipv4.tcp_wmem",
    };

    /// <summary>
    /// Checks all parameters, and gives them back by path below /proc/sys (<c>net/ipv4/ip_forward</c>).
    /// </summary>
    /// <param name="sysctls">Values by name, dots or slashes between the parts as in sysctl.d(5).</param>
    /// <param name="hostNetwork">The pod has the machine's network, so that net.* would change the machine.</param>
    /// <param name="hostIpc">The pod has the machine's IPC namespace.</param>
    /// <exception cref="AgentException">InvalidArgument: says for every refused parameter why.</exception>
    public static IReadOnlyDictionary<string, string> Validate(IEnumerable<KeyValuePair<string, string>> sysctls, bool hostNetwork, bool hostIpc)
    {
        var paths = new Dictionary<string, string>();
        var problems = new List<string>();
        foreach ((string name, string value) in sysctls)
        {
            string path = ToPath(name);
            string? problem = CheckName(name, path) ?? CheckNamespace(path, hostNetwork, hostIpc) ?? CheckValue(value);
            if (problem is not null)
            {
                problems.Add($"sysctl \"{Printable(name)}\": {problem}");
            }
            else if (!paths.TryAdd(path, value))
            {
                problems.Add($"sysctl \"{name}\": it is given twice");
            }
        }

        return problems.Count == 0 ? paths : throw new AgentException(ErrorKind.InvalidArgument, string.Join("; ", problems));
    }

    /// <summary>
    /// The path below /proc/sys. The first separator decides, as in sysctl.d(5): after a dot, slashes are dots of a name
    /// (<c>net.ipv4.conf.eth0/100.forwarding</c> is interface eth0.100); after a slash, everything is already a path.
    /// </summary>
    public static string ToPath(string name)
    {
        int first = name.AsSpan().IndexOfAny('.', '/');
        return first < 0 || name[first] == '/'
            ? name
            : string.Create(name.Length, name, static (path, from) =>
            {
                for (int i = 0; i < path.Length; i++)
                {
                    path[i] = from[i] switch { '.' => '/', '/' => '.', char c => c };
                }
            });
    }

    private static string? CheckName(string name, string path)
    {
        if (name.Length is 0 or > MaxNameLength)
        {
            return $"a name has 1..{MaxNameLength} characters";
        }

        if (!path.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '/'))
        {
            return "a name consists of letters, digits, \"_\", \"-\", \".\" and \"/\"";
        }

        string[] parts = path.Split('/');
        return parts.Length < 2 || parts.Any(p => p.Length == 0 || p[0] == '.') ? "not a parameter's name" : null;
    }

    private static string? CheckNamespace(string path, bool hostNetwork, bool hostIpc)
    {
        if (path.StartsWith("net/", StringComparison.Ordinal))
        {
            return hostNetwork ? "the pod uses the host's network" : null;
        }

        if (path.StartsWith("fs/mqueue/", StringComparison.Ordinal) || s_ipc.Contains(path.Replace('/', '.')))
        {
            return hostIpc ? "the pod uses the host's IPC namespace" : null;
        }

        return "it does not belong to a namespace of the pod";
    }

    private static string? CheckValue(string value)
    {
        if (value.Length is 0 or > MaxValueLength)
        {
            return $"a value has 1..{MaxValueLength} characters";
        }

        // Tab separates the numbers of such values as the kernel prints them.
        return value.All(c => c is (>= ' ' and <= '~') or '\t') ? null : "the value contains a character that is not printable";
    }

    private static string Printable(string name) => string.Concat(name.Select(c => c is >= ' ' and <= '~' ? c : '?'));
}
