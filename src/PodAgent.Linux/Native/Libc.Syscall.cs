using System.Diagnostics.CodeAnalysis;
using PodAgent.Linux.Files;

namespace PodAgent.Linux.Native;

/// <summary>Numbers of the calls that are made through syscall(2): those that Debian 12's C library has no function for, or whose function does more than the call.</summary>
[NativeConstants("sys/syscall.h")]
internal static class SyscallNumbers
{
    public const int SYS_rt_sigprocmask = 14;
    public const int SYS_rt_sigaction = 13;
    public const int SYS_pause = 34;
    public const int SYS_getpid = 39;
    public const int SYS_prctl = 157;
    public const int SYS_exit_group = 231;
    public const int SYS_setgroups = 116;
    public const int SYS_setresuid = 117;
    public const int SYS_setresgid = 119;
    public const int SYS_capget = 125;
    public const int SYS_capset = 126;
    public const int SYS_rt_sigtimedwait = 128;
    public const int SYS_pivot_root = 155;
    public const int SYS_waitid = 247;
    public const int SYS_seccomp = 317;
    public const int SYS_getcwd = 79;
    public const int SYS_getdents64 = 217;
    public const int SYS_bpf = 321;
    public const int SYS_pidfd_send_signal = 424;
    public const int SYS_open_tree = 428;
    public const int SYS_move_mount = 429;
    public const int SYS_fsopen = 430;
    public const int SYS_fsconfig = 431;
    public const int SYS_fsmount = 432;
    public const int SYS_fspick = 433;
    public const int SYS_pidfd_open = 434;
    public const int SYS_clone3 = 435;
    public const int SYS_close_range = 436;
    public const int SYS_openat2 = 437;
    public const int SYS_pidfd_getfd = 438;
    public const int SYS_mount_setattr = 442;
}

internal static unsafe partial class Libc
{
    /// <summary>Throws for a negative result, with the error number of this thread's last call.</summary>
    internal static int Check(nint result, string operation, string? subject = null)
    {
        if (result < 0)
        {
            Throw(operation, subject, LastErrno);
        }

        return (int)result;
    }

    /// <summary>As <see cref="Check(nint, string, string?)"/>, about a path.</summary>
    internal static int Check(nint result, string operation, PathName subject)
    {
        if (result < 0)
        {
            Throw(operation, subject, LastErrno);
        }

        return (int)result;
    }

    /// <summary>Throws; apart, so that the callers stay small.</summary>
    [DoesNotReturn]
    internal static void Throw(string operation, string? subject, Errno errno) => throw new LinuxException(operation, subject, errno);

    /// <summary>As <see cref="Throw(string, string?, Errno)"/>, about a path.</summary>
    [DoesNotReturn]
    internal static void Throw(string operation, PathName subject, Errno errno) => throw new LinuxException(operation, subject.ToString(), errno);
}
