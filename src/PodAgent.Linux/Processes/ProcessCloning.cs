using PodAgent.Linux.Native;

namespace PodAgent.Linux.Processes;

/// <summary>
/// clone3(2) without a new stack: like fork(2), but the child may start in new namespaces and in another cgroup, and the parent gets a
/// pidfd of it.
/// </summary>
/// <remarks>
/// What the child may do. It is a copy of the process with one thread, the caller. Managed code runs there, allocation, a collection and
/// exceptions included, as long as nothing needs another thread: no thread pool, no timers, no async, and no C library function that
/// believes in other threads (setuid(3) and its family; the wrappers of this layer make the raw calls). Call it only from a process that
/// runs one thread of its own, after <see cref="SettleRuntime"/>, and leave the child by execve or <see cref="ProcessControl.Exit"/>.
/// </remarks>
public static unsafe class ProcessCloning
{
    // Collections that had happened when the finaliser thread was last seen at rest; -1: it has not been looked at.
    private static int s_settledAfter = -1;

    /// <summary>
    /// Waits until the runtime's finaliser thread is at rest. The child has no such thread; were it caught in managed code, a collection
    /// in the child would wait for it for ever. Only a collection gives it work, so that without one since the last time it still rests; the
    /// two threads' changing places costs as much as a small clone.
    /// </summary>
    public static void SettleRuntime()
    {
        int collections = GC.CollectionCount(0);
        if (collections != s_settledAfter)
        {
            GC.WaitForPendingFinalizers();
            s_settledAfter = collections;
        }
    }

    /// <summary>clone3(2).</summary>
    /// <param name="namespaces">New namespaces of the child.</param>
    /// <param name="cgroup">A cgroup v2 directory in which the child starts (Linux 5.7); null: the caller's.</param>
    /// <param name="pidFd">In the parent: refers to the child. In the child: null.</param>
    /// <returns>The child's process ID in the parent, 0 in the child.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static int Clone(NamespaceKinds namespaces, Fd? cgroup, out Fd? pidFd)
    {
        int descriptor = -1;
        var arguments = new clone_args
        {
            flags = (ulong)namespaces | SchedConstants.CLONE_PIDFD | (cgroup is null ? 0 : SchedConstants.CLONE_INTO_CGROUP),
            pidfd = (ulong)&descriptor,
            exit_signal = SignalNumbers.SIGCHLD,
            cgroup = cgroup is null ? 0 : (ulong)cgroup.Number,
        };
        nint pid = Libc.clone3(SyscallNumbers.SYS_clone3, &arguments, (nuint)sizeof(clone_args));
        if (pid < 0)
        {
            Libc.Throw("clone3(2)", namespaces.ToString(), Libc.LastErrno);
        }

        pidFd = pid == 0 ? null : new Fd(descriptor);
        return (int)pid;
    }
}
