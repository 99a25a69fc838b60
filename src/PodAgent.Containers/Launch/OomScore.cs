using PodAgent.Linux;
using PodAgent.Linux.Files;

namespace PodAgent.Containers.Launch;

/// <summary>The kernel's preference among victims when memory runs out (proc(5), oom_score_adj).</summary>
internal static class OomScore
{
    /// <summary>Sets the calling process's value, as far as it may: lowering it needs CAP_SYS_RESOURCE.</summary>
    /// <param name="value">-1000 (never) to 1000 (first).</param>
    /// <returns>False: the kernel kept a higher value.</returns>
    public static bool Write(int value)
    {
        try
        {
            FileData.WriteText("/proc/self/oom_score_adj", value.ToString(System.Globalization.CultureInfo.InvariantCulture));
            return true;
        }
        catch (LinuxException refused) when (refused.Errno is Errno.EACCES or Errno.EPERM)
        {
            return false;
        }
    }
}
