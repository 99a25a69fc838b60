using PodAgent.Linux.Native;

namespace PodAgent.Linux.Processes;

/// <summary>Descriptors of processes: they never mean a later process with the same number.</summary>
public static unsafe class PidFds
{
    /// <summary>pidfd_open(2).</summary>
    /// <exception cref="LinuxException">ESRCH: no such process.</exception>
    public static Fd Open(int pid) => new(Libc.Check(Libc.pidfd_open(SyscallNumbers.SYS_pidfd_open, pid, 0), "pidfd_open(2)", pid.ToString()));

    /// <summary>As <see cref="Open"/>; null when there is no such process.</summary>
    /// <exception cref="LinuxException">The kernel refused for another reason.</exception>
    public static Fd? TryOpen(int pid)
    {
        nint fd = Libc.pidfd_open(SyscallNumbers.SYS_pidfd_open, pid, 0);
        if (fd >= 0)
        {
            return new Fd((int)fd);
        }

        Errno errno = Libc.LastErrno;
        // The other two say that the number is that of a thread by now, so the process ended too.
        if (errno is not (Errno.ESRCH or Errno.EINVAL or Errno.ENOENT))
        {
            Libc.Throw("pidfd_open(2)", pid.ToString(), errno);
        }

        return null;
    }

    /// <summary>pidfd_send_signal(2); false when the process has ended.</summary>
    /// <exception cref="LinuxException">The kernel refused: EPERM, or EINVAL for an unknown signal.</exception>
    public static bool Signal(Fd pidFd, int signal)
    {
        if (Libc.pidfd_send_signal(SyscallNumbers.SYS_pidfd_send_signal, pidFd.Number, signal, null, 0) == 0)
        {
            return true;
        }

        Errno errno = Libc.LastErrno;
        if (errno != Errno.ESRCH)
        {
            Libc.Throw("pidfd_send_signal(2)", signal.ToString(), errno);
        }

        return false;
    }
}
