using System.Runtime.InteropServices;

namespace PodAgent.Linux.Native;

/// <summary>Flags of clone3(2), unshare(2) and setns(2).</summary>
[NativeConstants("sched.h", "linux/sched.h")]
internal static class SchedConstants
{
    public const ulong CLONE_NEWTIME = 0x80;
    public const ulong CLONE_PIDFD = 0x1000;
    public const ulong CLONE_NEWNS = 0x20000;
    public const ulong CLONE_NEWCGROUP = 0x2000000;
    public const ulong CLONE_NEWUTS = 0x4000000;
    public const ulong CLONE_NEWIPC = 0x8000000;
    public const ulong CLONE_NEWUSER = 0x10000000;
    public const ulong CLONE_NEWPID = 0x20000000;
    public const ulong CLONE_NEWNET = 0x40000000;
    public const ulong CLONE_CLEAR_SIGHAND = 0x100000000;
    public const ulong CLONE_INTO_CGROUP = 0x200000000;
}

/// <summary>clone3(2).</summary>
[NativeType("struct clone_args", "linux/sched.h")]
internal struct clone_args
{
    public ulong flags;
    public ulong pidfd;
    public ulong child_tid;
    public ulong parent_tid;
    public ulong exit_signal;
    public ulong stack;
    public ulong stack_size;
    public ulong tls;
    public ulong set_tid;
    public ulong set_tid_size;
    public ulong cgroup;
}

internal static unsafe partial class Libc
{
    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint clone3(nint number, clone_args* args, nuint size);

    // Returns without looking whether a collection waits: a child that is cloned from many threads has nobody to end that wait.
    [SuppressGCTransition]
    [LibraryImport(Name, EntryPoint = "syscall")]
    internal static partial nint syscall_without_transition(nint number, nint first, nint second, nint third);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int setns(int fd, int nstype);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int unshare(int flags);
}
