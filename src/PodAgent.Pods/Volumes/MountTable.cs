using System.Text;

namespace PodAgent.Pods.Volumes;

/// <summary>Mount points from mountinfo, proc(5).</summary>
internal static class MountTable
{
    /// <summary>Mount points at or below a path, those mounted last first: the order in which they can be unmounted.</summary>
    public static IReadOnlyList<string> Below(string path, string mountInfo = "/proc/self/mountinfo")
    {
        List<string> found = [];
        foreach (string line in File.ReadLines(mountInfo))
        {
            if (TryParse(line, out string point)
                && (point == path || point.StartsWith(path.TrimEnd('/') + "/", StringComparison.Ordinal)))
            {
                found.Add(point);
            }
        }

        found.Reverse();
        return found;
    }

    // 36 35 98:0 /mnt1 /mnt/parent\040two rw,noatime master:1 - ext3 /dev/root rw
    internal static bool TryParse(string line, out string point)
    {
        string[] fields = line.Split(' ');
        point = fields.Length > 4 ? Unescape(fields[4]) : "";
        return fields.Length > 4;
    }

    // Space, tab, newline and backslash are octal there; other bytes are UTF-8 as they are.
    private static string Unescape(string text)
    {
        if (!text.Contains('\\'))
        {
            return text;
        }

        StringBuilder result = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 3 < text.Length)
            {
                result.Append((char)Convert.ToInt32(text.Substring(i + 1, 3), 8));
                i += 3;
            }
            else
            {
                result.Append(text[i]);
            }
        }

        return result.ToString();
    }
}
