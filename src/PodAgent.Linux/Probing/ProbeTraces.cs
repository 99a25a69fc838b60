using System.Globalization;

namespace PodAgent.Linux.Probing;

/// <summary>What probes make for a moment bears the number of their process, so that what a killed one left is known for what it is.</summary>
internal static class ProbeTraces
{
    private const string Prefix = "podagent-probe-";

    /// <summary>A path in a directory, for something that this process makes and removes.</summary>
    public static string NewIn(string parent, bool hidden = false) =>
        Path.Combine(parent, $"{(hidden ? "." : "")}{Prefix}{Environment.ProcessId}-{Guid.NewGuid():n}");

    /// <summary>What is in a directory from processes that are no more.</summary>
    public static IEnumerable<string> AbandonedIn(string parent) =>
        Directory.Exists(parent) ? Directory.GetDirectories(parent, $"*{Prefix}*").Where(IsAbandoned) : [];

    private static bool IsAbandoned(string path)
    {
        string[] parts = Path.GetFileName(path).TrimStart('.').Split('-');
        return parts is ["podagent", "probe", var pid, { Length: 32 }]
            && int.TryParse(pid, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && !Directory.Exists($"/proc/{number}");
    }
}
