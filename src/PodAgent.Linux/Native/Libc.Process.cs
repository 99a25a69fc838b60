using System.Runtime.InteropServices;

namespace PodAgent.Linux.Native;

/// <summary>waitid(2), prctl(2), capget(2), seccomp(2), close_range(2) and signal numbers that the wrappers need.</summary>
[NativeConstants("signal.h", "sys/wait.h", "sys/prctl.h", "linux/capability.h", "linux/seccomp.h", "linux/close_range.h")]
internal static class ProcessConstants
{
    public const int P_ALL = 0;
    public const int P_PIDFD = 3;
    public const int WNOHANG = 1;
    public const int WEXITED = 4;
    public const int __WALL = 0x40000000;
    public const int CLD_EXITED = 1;
    public const int PR_SET_PDEATHSIG = 1;
    public const int PR_SET_DUMPABLE = 4;
    public const int PR_SET_KEEPCAPS = 8;
    public const int PR_SET_NAME = 15;
    public const int PR_CAPBSET_READ = 23;
    public const int PR_CAPBSET_DROP = 24;
    public const int PR_SET_CHILD_SUBREAPER = 36;
    public const int PR_SET_NO_NEW_PRIVS = 38;
    public const int PR_CAP_AMBIENT = 47;
    public const int PR_CAP_AMBIENT_RAISE = 2;
    public const int PR_CAP_AMBIENT_CLEAR_ALL = 4;
    public const uint _LINUX_CAPABILITY_VERSION_3 = 0x20080522;
    public const uint SECCOMP_SET_MODE_FILTER = 1;
    public const uint SECCOMP_GET_ACTION_AVAIL = 2;
    public const uint SECCOMP_GET_NOTIF_SIZES = 3;
    public const uint CLOSE_RANGE_CLOEXEC = 4;
    public const int SIG_BLOCK = 0;
    public const int SIG_SETMASK = 2;
}

/// <summary>The fields of siginfo_t that waitid(2) fills in.</summary>
[NativeType("siginfo_t", "signal.h")]
[StructLayout(LayoutKind.Explicit, Size = 128)]
internal struct siginfo
{
    [FieldOffset(0)]
    public int si_signo;

    [FieldOffset(8)]
    public int si_code;

    [FieldOffset(16)]
    public int si_pid;

    [FieldOffset(24)]
    public int si_status;
}

/// <summary>capget(2).</summary>
[NativeType("struct __user_cap_header_struct", "linux/capability.h")]
internal struct cap_header
{
    public uint version;
    public int pid;
}

/// <summary>capset(2); two of them carry 64 bits each.</summary>
[NativeType("struct __user_cap_data_struct", "linux/capability.h")]
internal struct cap_data
{
    public uint effective;
    public uint permitted;
    public uint inheritable;
}

/// <summary>SECCOMP_GET_NOTIF_SIZES.</summary>
[NativeType("struct seccomp_notif_sizes", "linux/seccomp.h")]
internal struct seccomp_notif_sizes
{
    public ushort seccomp_notif;
    public ushort seccomp_notif_resp;
    public ushort seccomp_data;
}

/// <summary>setrlimit(2).</summary>
[NativeType("struct rlimit", "sys/resource.h")]
internal struct rlimit
{
    public ulong rlim_cur;
    public ulong rlim_max;
}

/// <summary>A compiled BPF program.</summary>
[NativeType("struct sock_fprog", "linux/filter.h")]
internal unsafe struct sock_fprog
{
    public ushort len;
    public byte* filter;
}

internal static unsafe partial class Libc
{
    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint pidfd_open(nint number, int pid, uint flags);

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint pidfd_send_signal(nint number, int pidfd, int sig, void* info, uint flags);

    // The raw call has a fifth parameter that the C library's function lacks.
    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint waitid(nint number, int idtype, int id, siginfo* infop, int options, void* rusage);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int kill(int pid, int sig);

    [LibraryImport(Name)]
    internal static partial int getpid();

    [LibraryImport(Name, EntryPoint = "syscall")]
    internal static partial void exit_group(nint number, int status);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int execve(byte* pathname, byte** argv, byte** envp);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int prctl(int option, nuint arg2, nuint arg3, nuint arg4, nuint arg5);

    // Raw: the C library's functions change every thread that it believes to exist, and a cloned child has none of them.
    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint setresid(nint number, uint real, uint effective, uint saved);

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint setgroups(nint number, nint size, uint* list);

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint capset(nint number, cap_header* header, cap_data* data);

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint capget(nint number, cap_header* header, cap_data* data);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int prlimit(int pid, int resource, rlimit* new_limit, rlimit* old_limit);

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint seccomp(nint number, uint operation, uint flags, void* args);

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint close_range(nint number, uint first, uint last, uint flags);

    [LibraryImport(Name)]
    internal static partial uint umask(uint mask);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int setsid();

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int sethostname(byte* name, nuint len);

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint rt_sigprocmask(nint number, int how, ulong* set, ulong* oldset, nuint sigsetsize);

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint rt_sigaction(nint number, int signum, kernel_sigaction* act, kernel_sigaction* oldact, nuint sigsetsize);

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint rt_sigtimedwait(nint number, ulong* set, void* info, void* timeout, nuint sigsetsize);
}

/// <summary>The kernel's own struct sigaction, not that of the C library.</summary>
[NativeType("struct sigaction", "asm/signal.h")]
internal struct kernel_sigaction
{
    [NativeField("sa_handler")]
    public nint handler;
    [NativeField("sa_flags")]
    public ulong flags;
    [NativeField("sa_restorer")]
    public nint restorer;
    [NativeField("sa_mask")]
    public ulong mask;
}
