using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using PodAgent.Linux.Native;
using PodAgent.Linux.Processes;

namespace PodAgent.Linux.Probing;

/// <summary>
/// A child of clone3(2) that sleeps until it is disposed: something to try namespaces, cgroups and pidfds on. Unlike
/// <see cref="ProcessCloning"/> it can be made by a process with many threads, because the child does nothing but sleep: it makes two
/// calls, of which neither touches the runtime. It dies with the thread that made it, and nobody gets a SIGCHLD for it.
/// </summary>
internal sealed unsafe class ClonedChild : IDisposable
{
    private readonly Fd _pidFd;

    private ClonedChild(int pid, Fd pidFd)
    {
        Pid = pid;
        _pidFd = pidFd;
    }

    public int Pid { get; }

    /// <summary>clone3(2) with a pidfd.</summary>
    /// <param name="namespaces">New namespaces of the child.</param>
    /// <param name="cgroup">A cgroup v2 directory to start in; null: the caller's.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static ClonedChild Start(NamespaceKinds namespaces, Fd? cgroup = null)
    {
        int descriptor = -1;
        var arguments = new clone_args
        {
            flags = (ulong)namespaces | SchedConstants.CLONE_PIDFD | SchedConstants.CLONE_CLEAR_SIGHAND | (cgroup is null ? 0 : SchedConstants.CLONE_INTO_CGROUP),
            pidfd = (ulong)&descriptor,
            cgroup = cgroup is null ? 0 : (ulong)cgroup.Number,
        };
        int pid = Clone(&arguments, out Errno errno);
        return pid > 0 ? new ClonedChild(pid, new Fd(descriptor)) : throw new LinuxException("clone3(2)", namespaces.ToString(), errno);
    }

    /// <summary>Opens one of its namespaces.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public Fd OpenNamespace(NamespaceKinds kind) => Namespaces.Open(Pid, kind);

    /// <summary>Kills and reaps it.</summary>
    public void Dispose()
    {
        _ = PidFds.Signal(_pidFd, SignalNumbers.SIGKILL);
        siginfo info = default;
        nint result;
        do
        {
            result = Libc.waitid(
                SyscallNumbers.SYS_waitid, ProcessConstants.P_PIDFD, _pidFd.Number, &info, ProcessConstants.WEXITED | ProcessConstants.__WALL, null);
        }
        while (result < 0 && Libc.LastErrno == Errno.EINTR);
        _pidFd.Dispose();
        Libc.Check(result, "waitid(2)", Pid.ToString());
    }

    // Compiled as a whole before it runs, and the call bound by its first use: in the child there is nobody who could do either.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static int Clone(clone_args* arguments, out Errno errno)
    {
        _ = Libc.syscall_without_transition(SyscallNumbers.SYS_getpid, 0, 0, 0);
        nint pid = Libc.syscall_without_transition(SyscallNumbers.SYS_clone3, (nint)arguments, sizeof(clone_args), 0);
        if (pid == 0)
        {
            _ = Libc.syscall_without_transition(SyscallNumbers.SYS_prctl, ProcessConstants.PR_SET_PDEATHSIG, SignalNumbers.SIGKILL, 0);
            while (true)
            {
                _ = Libc.syscall_without_transition(SyscallNumbers.SYS_pause, 0, 0, 0);
            }
        }

        errno = pid < 0 ? (Errno)Marshal.GetLastSystemError() : Errno.None;
        return (int)pid;
    }
}
