using System.Text;
using PodAgent.Linux.Files;

namespace PodAgent.Linux.Mounting;

/// <summary>A line of /proc/self/mountinfo (proc_pid_mountinfo(5)).</summary>
/// <param name="Path">Where it is mounted.</param>
/// <param name="Type">File system type.</param>
/// <param name="Options">Options of the mount: <c>rw</c>, <c>nosuid</c>, ...</param>
/// <param name="SuperOptions">Options of the file system; for cgroup v1 its controllers.</param>
public sealed record MountPoint(string Path, string Type, IReadOnlyList<string> Options, IReadOnlyList<string> SuperOptions)
{
    /// <summary>The mounts of the calling thread's namespace, in the order they were made.</summary>
    /// <exception cref="LinuxException">/proc is not mounted.</exception>
    public static IReadOnlyList<MountPoint> List() => Parse(ControlFiles.Read("/proc/thread-self/mountinfo"));

    /// <summary>The mount that a path is on; null when none is known.</summary>
    public static MountPoint? Of(string path) => Of(path, List());

    /// <summary>The mounts at or below a path, those made last first: the order in which they can be unmounted.</summary>
    /// <exception cref="LinuxException">/proc is not mounted.</exception>
    public static IReadOnlyList<MountPoint> Below(string path) => Below(path, List());

    /// <summary>Takes a mount table apart.</summary>
    public static IReadOnlyList<MountPoint> Parse(string mountInfo)
    {
        var mounts = new List<MountPoint>();
        foreach (string line in mountInfo.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            // "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue": 4 the place, 5 its options, after the dash the type.
            string[] fields = line.Split(' ');
            int dash = Array.IndexOf(fields, "-", Math.Min(6, fields.Length));
            if (dash > 0 && dash + 3 < fields.Length)
            {
                mounts.Add(new MountPoint(Unescape(fields[4]), fields[dash + 1], fields[5].Split(','), fields[dash + 3].Split(',')));
            }
        }

        return mounts;
    }

    /// <summary>Whether it is mounted at a directory or below.</summary>
    public bool IsBelow(string directory)
    {
        string prefix = directory.TrimEnd('/');
        return Path == prefix || Path.StartsWith(prefix + "/", StringComparison.Ordinal);
    }

    internal static MountPoint? Of(string path, IEnumerable<MountPoint> mounts)
    {
        MountPoint? best = null;
        foreach (MountPoint mount in mounts)
        {
            bool above = mount.Path == "/" || path == mount.Path || path.StartsWith(mount.Path + "/", StringComparison.Ordinal);

            // Of mounts over one another, the last hides the others.
            if (above && (best is null || mount.Path.Length >= best.Path.Length))
            {
                best = mount;
            }
        }

        return best;
    }

    internal static IReadOnlyList<MountPoint> Below(string path, IEnumerable<MountPoint> mounts) => [.. mounts.Where(mount => mount.IsBelow(path)).Reverse()];

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
