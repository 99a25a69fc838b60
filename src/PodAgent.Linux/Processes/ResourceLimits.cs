using PodAgent.Linux.Native;

namespace PodAgent.Linux.Processes;

/// <summary>getrlimit(2), setrlimit(2).</summary>
public static unsafe class ResourceLimits
{
    /// <summary>Sets both limits of the calling process.</summary>
    /// <param name="resource">RLIMIT_* number.</param>
    /// <param name="soft">What applies; <see cref="ulong.MaxValue"/>: no limit.</param>
    /// <param name="hard">To where the process may raise it.</param>
    /// <exception cref="LinuxException">EPERM: raising the hard limit without CAP_SYS_RESOURCE.</exception>
    public static void Set(int resource, ulong soft, ulong hard)
    {
        var limit = new rlimit { rlim_cur = soft, rlim_max = hard };
        Libc.Check(Libc.prlimit(0, resource, &limit, null), "setrlimit(2)", $"{resource} {soft}:{hard}");
    }

    /// <summary>The limits of the calling process.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static (ulong Soft, ulong Hard) Get(int resource)
    {
        rlimit limit;
        Libc.Check(Libc.prlimit(0, resource, null, &limit), "getrlimit(2)", resource.ToString());
        return (limit.rlim_cur, limit.rlim_max);
    }
}
