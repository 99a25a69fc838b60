using PodAgent.Linux;
using PodAgent.Linux.Seccomp;

namespace PodAgent.Containers.Security;

/// <summary>
/// The profile of the pause process: forked from managed code without an exec, it waits for signals and children for as long as its pod
/// lives. What is here is what waiting, reaping and a garbage collection of the runtime need; nothing opens, maps executable memory, starts
/// a process or talks to the network.
/// </summary>
internal static class PauseProfile
{
    private const ulong ProtExec = 4;

    public static SeccompProfile Profile { get; } = new()
    {
        DefaultAction = SeccompAction.Error(Errno.EPERM),
        Architectures = [SeccompMachine.Current.Architectures[0]],
        Rules =
        [
            Allow("pause", "ppoll", "poll", "read", "write", "close", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigsuspend", "rt_sigtimedwait", "sigaltstack", "restart_syscall"),
            Allow("wait4", "waitid", "exit", "exit_group", "getpid", "gettid", "tgkill"),
            Allow("futex", "sched_yield", "membarrier", "madvise", "munmap", "brk", "getcpu", "clock_gettime", "clock_nanosleep", "nanosleep"),
            Allow("mmap", "mprotect") with { Arguments = [new(2, SeccompOperator.MaskedEqual, ProtExec, 0)] },
        ],
    };

    private static SeccompRule Allow(params string[] syscalls) => new() { Syscalls = syscalls, Action = SeccompAction.Allow };
}
