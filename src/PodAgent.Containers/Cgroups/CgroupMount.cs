using System.Text;

namespace PodAgent.Containers.Cgroups;

/// <summary>A mounted hierarchy, from /proc/self/mountinfo (proc_pid_mountinfo(5)).</summary>
/// <param name="MountPoint">Where it is mounted.</param>
/// <param name="Unified">cgroup v2.</param>
/// <param name="Controllers">The controllers of a v1 hierarchy; empty for v2 and for named hierarchies.</param>
internal sealed record CgroupMount(string MountPoint, bool Unified, IReadOnlyList<string> Controllers)
{
    private static readonly string[] s_known =
        ["cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio", "pids", "hugetlb", "net_cls", "net_prio", "perf_event", "rdma", "misc"];

    /// <summary>The hierarchies at or below a directory. Of mounts over one another the last counts: it hides the others.</summary>
    public static IReadOnlyList<CgroupMount> Parse(string mountInfo, string below)
    {
        var mounts = new Dictionary<string, CgroupMount>();
        string prefix = below.TrimEnd('/');
        foreach (string line in mountInfo.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] fields = line.Split(' ');
            int separator = Array.IndexOf(fields, "-", 6);
            if (separator < 0 || separator + 3 >= fields.Length)
            {
                continue;
            }

            string mountPoint = Unescape(fields[4]);
            if (mountPoint != prefix && !mountPoint.StartsWith(prefix + "/", StringComparison.Ordinal))
            {
                continue;
            }

            string type = fields[separator + 1];
            if (type is not ("cgroup" or "cgroup2"))
            {
                mounts.Remove(mountPoint);
                continue;
            }

            string[] options = fields[separator + 3].Split(',');
            mounts[mountPoint] = new CgroupMount(mountPoint, type == "cgroup2", type == "cgroup2" ? [] : [.. options.Where(s_known.Contains)]);
        }

        return [.. mounts.Values];
    }

    // The kernel writes space, tab, newline and backslash as three octal digits.
    private static string Unescape(string field)
    {
        if (!field.Contains('\\'))
        {
            return field;
        }

        var text = new StringBuilder();
        for (int i = 0; i < field.Length; i++)
        {
            if (field[i] == '\\' && i + 3 < field.Length)
            {
                text.Append((char)(((field[i + 1] - '0') << 6) | ((field[i + 2] - '0') << 3) | (field[i + 3] - '0')));
                i += 3;
            }
            else
            {
                text.Append(field[i]);
            }
        }

        return text.ToString();
    }
}
