using System.Buffers.Text;
using PodAgent.Linux;
using PodAgent.Linux.Files;

namespace PodAgent.Sandbox.Process;

/// <summary>The kernel's count of processes killed for want of memory, in a cgroup's memory.events (v2) or memory.oom_control (v1).</summary>
internal static class OomCounts
{
    /// <summary>False: the cgroup is gone.</summary>
    public static bool TryRead(Fd file, out ulong count)
    {
        count = 0;
        Span<byte> text = stackalloc byte[512];
        int length = FileData.TryReadAt(file, text, 0, out _);
        if (length <= 0)
        {
            return false;
        }

        // "oom_kill 3" on a line of its own, beside "oom", "oom_kill_disable" and "oom_group_kill".
        ReadOnlySpan<byte> rest = text[..length];
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? rest : rest[..end];
            if (line.StartsWith("oom_kill "u8) && Utf8Parser.TryParse(line[9..], out count, out _))
            {
                return true;
            }

            rest = end < 0 ? [] : rest[(end + 1)..];
        }

        return true;
    }
}
