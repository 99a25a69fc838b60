using PodAgent.Linux.Systemd;

namespace PodAgent.EndToEnd.Harness;

/// <summary>What one agent has on the machine outside of its own directory's files.</summary>
internal static class Traces
{
    public static async Task<IReadOnlyList<string>> OfAsync(AgentFixture agent)
    {
        var found = new List<string>();
        found.AddRange((await File.ReadAllLinesAsync("/proc/self/mountinfo")).Where(line => line.Contains(agent.Directory, StringComparison.Ordinal)).Select(line => "mount " + line));
        found.AddRange(Directory.EnumerateFileSystemEntries("/sys/class/net").Select(path => Path.GetFileName(path)!).Where(name => name == agent.Bridge).Select(name => "interface " + name));
        found.AddRange((await Command.RunAsync("nft", ["list", "tables"])).Succeeded().Split('\n').Where(line => line.EndsWith(" " + agent.NftablesTable, StringComparison.Ordinal)));
        found.AddRange(Directory.EnumerateDirectories("/sys/fs/cgroup").Prepend("/sys/fs/cgroup")
            .SelectMany(root => Groups(agent).Select(group => Path.Combine(root, group))).Where(Directory.Exists).Select(path => "cgroup " + path));
        found.AddRange(Processes(agent).Select(pid => $"process {pid}"));
        found.AddRange(SupervisorSockets(agent).Select(line => "socket " + line));
        return found;
    }

    /// <summary>What the kernel lists of listening supervisors; each goes with its process.</summary>
    public static IReadOnlyList<string> SupervisorSockets(AgentFixture agent) =>
        [.. File.ReadAllLines("/proc/net/unix").Where(line => line.Contains(Path.Combine(agent.State, "sandboxes") + "/", StringComparison.Ordinal))];

    /// <summary>Processes in the agent's control groups: pause and containers.</summary>
    public static IReadOnlyList<int> Processes(AgentFixture agent) =>
        [.. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Select(name => int.TryParse(name, out int pid) ? pid : 0).Where(pid => pid > 0 && Groups(agent).Any(group => IsIn(pid, group)))];

    /// <summary>The parent of a container's first process or of pause: the pod's supervisor.</summary>
    public static System.Diagnostics.Process ParentOf(int pid) => System.Diagnostics.Process.GetProcessById(int.Parse(
        File.ReadLines($"/proc/{pid}/status").First(line => line.StartsWith("PPid:", StringComparison.Ordinal))["PPid:".Length..], System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>
    /// Whether a process still runs. What has been killed has given back its memory, but stays listed until process 1 of the machine reaps it,
    /// in its own time; so does process 1 of a PID namespace, which has to outlast the others there.
    /// </summary>
    public static bool HasMemory(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").Length > 0;
        }
        catch (IOException)
        {
            return false;
        }
    }

    // As a path and as a slice: one of them, by the cgroup driver.
    private static IReadOnlyList<string> Groups(AgentFixture agent) => [agent.CgroupParent, SliceName.ForPath(agent.CgroupParent)];

    private static bool IsIn(int pid, string cgroup)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cgroup").Contains($"/{cgroup}/", StringComparison.Ordinal) && HasMemory(pid);
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return false;
        }
    }
}
