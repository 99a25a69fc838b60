using PodAgent.Linux;

namespace PodAgent.Cri.Containers;

/// <summary>Where a container's log goes.</summary>
internal static class LogPaths
{
    /// <summary>
    /// The log path below the sandbox's log directory; it must stay there after <c>..</c> is resolved (CVE-2025-0750). Empty when
    /// either is not given.
    /// </summary>
    /// <exception cref="AgentException">InvalidArgument.</exception>
    public static string Combine(string logDirectory, string logPath)
    {
        if (logDirectory.Length == 0 || logPath.Length == 0)
        {
            return "";
        }

        string root = Path.GetFullPath(logDirectory).TrimEnd('/') + "/";
        string full = logPath.Contains('\0') ? "" : Path.GetFullPath(root + logPath);
        return full.StartsWith(root, StringComparison.Ordinal) && full.Length > root.Length && !full.EndsWith('/')
            ? full
            : throw new AgentException(ErrorKind.InvalidArgument, $"log path \"{logPath}\" leaves log directory \"{logDirectory}\"");
    }
}
