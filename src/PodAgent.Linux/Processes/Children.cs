using PodAgent.Linux.Native;

namespace PodAgent.Linux.Processes;

/// <summary>Reaping children (waitid(2)).</summary>
public static unsafe class Children
{
    /// <summary>Reaps any one child that has ended, orphans adopted by a subreaper or a PID namespace's init included.</summary>
    /// <returns>False: no child, or none that has ended.</returns>
    /// <exception cref="LinuxException">The kernel refused for another reason.</exception>
    public static bool TryReapAny(out ChildExit exit) => TryReap(ProcessConstants.P_ALL, 0, ProcessConstants.WNOHANG, out exit);

    /// <summary>Reaps the child of a pidfd.</summary>
    /// <returns>False: it has not ended, or it is not a child of the caller.</returns>
    /// <exception cref="LinuxException">The kernel refused for another reason.</exception>
    public static bool TryReap(Fd pidFd, out ChildExit exit) => TryReap(ProcessConstants.P_PIDFD, pidFd.Number, ProcessConstants.WNOHANG, out exit);

    /// <summary>Waits for the child of a pidfd and reaps it.</summary>
    /// <returns>False: it is not a child of the caller.</returns>
    /// <exception cref="LinuxException">The kernel refused for another reason.</exception>
    public static bool Wait(Fd pidFd, out ChildExit exit) => TryReap(ProcessConstants.P_PIDFD, pidFd.Number, 0, out exit);

    private static bool TryReap(int kind, int id, int flags, out ChildExit exit)
    {
        siginfo info = default;
        nint result;
        do
        {
            result = Libc.waitid(SyscallNumbers.SYS_waitid, kind, id, &info, ProcessConstants.WEXITED | flags, null);
        }
        while (result < 0 && Libc.LastErrno == Errno.EINTR);

        if (result < 0)
        {
            Errno errno = Libc.LastErrno;
            if (errno != Errno.ECHILD)
            {
                Libc.Throw("waitid(2)", null, errno);
            }
        }

        bool exited = info.si_code == ProcessConstants.CLD_EXITED;
        exit = new ChildExit(info.si_pid, exited ? info.si_status : 128 + info.si_status, exited ? 0 : info.si_status);
        return result == 0 && info.si_pid != 0;
    }
}
