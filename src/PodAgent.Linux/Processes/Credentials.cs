using PodAgent.Linux.Native;

namespace PodAgent.Linux.Processes;

/// <summary>Identity and capabilities of the calling thread (credentials(7), capabilities(7)).</summary>
public static unsafe class Credentials
{
    /// <summary>setgroups(2): the supplementary groups.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SetGroups(ReadOnlySpan<uint> groups)
    {
        fixed (uint* pointer = groups)
        {
            Libc.Check(Libc.setgroups(SyscallNumbers.SYS_setgroups, groups.Length, pointer), "setgroups(2)");
        }
    }

    /// <summary>setresgid(2) and setresuid(2), the group first: afterwards there may be no right to change it.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SetUserAndGroup(uint user, uint group)
    {
        Libc.Check(Libc.setresid(SyscallNumbers.SYS_setresgid, group, group, group), "setresgid(2)", group.ToString());
        Libc.Check(Libc.setresid(SyscallNumbers.SYS_setresuid, user, user, user), "setresuid(2)", user.ToString());
    }

    /// <summary>PR_CAPBSET_DROP for every capability that the kernel knows and the set lacks.</summary>
    /// <param name="keep">Bit N: capability number N.</param>
    /// <exception cref="LinuxException">EPERM: without CAP_SETPCAP.</exception>
    public static void LimitBoundingSet(ulong keep)
    {
        for (int capability = 0; capability < 64; capability++)
        {
            if ((keep >> capability & 1) != 0)
            {
                continue;
            }

            if (Libc.prctl(ProcessConstants.PR_CAPBSET_DROP, (nuint)capability, 0, 0, 0) == 0)
            {
                continue;
            }

            Errno refused = Libc.LastErrno;
            if (refused == Errno.EINVAL)
            {
                // Beyond the last capability of this kernel.
                return;
            }

            // What is not held need not be dropped.
            if (Libc.prctl(ProcessConstants.PR_CAPBSET_READ, (nuint)capability, 0, 0, 0) != 0)
            {
                Libc.Throw("prctl(2)", $"PR_CAPBSET_DROP {capability}", refused);
            }
        }
    }

    /// <summary>The capabilities of the calling thread's bounding set.</summary>
    public static ulong ReadBoundingSet()
    {
        ulong held = 0;
        for (int capability = 0; capability < 64; capability++)
        {
            int result = Libc.prctl(ProcessConstants.PR_CAPBSET_READ, (nuint)capability, 0, 0, 0);
            if (result < 0)
            {
                break;
            }

            held |= (ulong)(uint)result << capability;
        }

        return held;
    }

    /// <summary>capget(2): the effective capabilities of the calling thread.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static ulong ReadEffective()
    {
        var header = new cap_header { version = ProcessConstants._LINUX_CAPABILITY_VERSION_3 };
        cap_data* data = stackalloc cap_data[2];
        Libc.Check(Libc.capget(SyscallNumbers.SYS_capget, &header, data), "capget(2)");
        return data[0].effective | ((ulong)data[1].effective << 32);
    }

    /// <summary>capset(2).</summary>
    /// <exception cref="LinuxException">EPERM: more than is permitted.</exception>
    public static void SetCapabilities(ulong effective, ulong permitted, ulong inheritable)
    {
        var header = new cap_header { version = ProcessConstants._LINUX_CAPABILITY_VERSION_3 };
        cap_data* data = stackalloc cap_data[2];
        for (int half = 0; half < 2; half++)
        {
            data[half].effective = (uint)(effective >> (32 * half));
            data[half].permitted = (uint)(permitted >> (32 * half));
            data[half].inheritable = (uint)(inheritable >> (32 * half));
        }

        Libc.Check(Libc.capset(SyscallNumbers.SYS_capset, &header, data), "capset(2)");
    }

    /// <summary>Replaces the ambient set. Each member must be permitted and inheritable.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SetAmbient(ulong capabilities)
    {
        Libc.Check(Libc.prctl(ProcessConstants.PR_CAP_AMBIENT, ProcessConstants.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), "prctl(2)", "PR_CAP_AMBIENT_CLEAR_ALL");
        for (int capability = 0; capability < 64; capability++)
        {
            if ((capabilities >> capability & 1) != 0)
            {
                Libc.Check(
                    Libc.prctl(ProcessConstants.PR_CAP_AMBIENT, ProcessConstants.PR_CAP_AMBIENT_RAISE, (nuint)capability, 0, 0),
                    "prctl(2)",
                    $"PR_CAP_AMBIENT_RAISE {capability}");
            }
        }
    }
}
