using System.Globalization;
using System.Text;
using PodAgent.Linux;
using PodAgent.Linux.Files;

namespace PodAgent.Containers.Launch;

/// <summary>The kernel's preference among victims when memory runs out (proc(5), oom_score_adj).</summary>
internal static class OomScore
{
    /// <summary>Sets the calling process's value, as far as it may: lowering it needs CAP_SYS_RESOURCE.</summary>
    /// <param name="value">-1000 (never) to 1000 (first).</param>
    /// <returns>False: the kernel kept a higher value.</returns>
    /// <exception cref="LinuxException">Refused for another reason than that.</exception>
    public static bool Write(int value) => Write(value, "/proc/self/oom_score_adj");

    /// <summary>The same for a child.</summary>
    /// <param name="value">-1000 (never) to 1000 (first).</param>
    /// <param name="pid">The child.</param>
    public static bool Write(int value, int pid) => Write(value, string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/oom_score_adj"));

    private static bool Write(int value, string path)
    {
        using Fd file = FileTree.Open(path, OpenFlags.WriteOnly);

        // No exception for the expected refusal: each new supervisor would pay for one.
        if (FileData.TryWriteAll(file, Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture)), out Errno errno))
        {
            return true;
        }

        return errno is Errno.EACCES or Errno.EPERM ? false : throw new LinuxException("write(2)", path, errno);
    }
}
