using System.Diagnostics.CodeAnalysis;
using System.Text;
using PodAgent.Linux.Native;

namespace PodAgent.Linux.Processes;

/// <summary>What a process changes about itself: name, session, privileges to come, and its end.</summary>
public static unsafe class ProcessControl
{
    /// <summary>The calling process's ID in its own PID namespace.</summary>
    public static int Id => Libc.getpid();

    /// <summary>PR_SET_NAME: the calling thread's name, cut to 15 bytes.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SetName(string name)
    {
        byte* buffer = stackalloc byte[64];
        int length = Encoding.UTF8.GetBytes(name.AsSpan(0, Math.Min(name.Length, 15)), new Span<byte>(buffer, 63));
        buffer[length] = 0;
        Control(ProcessConstants.PR_SET_NAME, (nuint)buffer, "PR_SET_NAME");
    }

    /// <summary>PR_SET_PDEATHSIG: the signal that the caller gets when the thread that created it ends. Cleared by a change of credentials.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SetParentDeathSignal(int signal) => Control(ProcessConstants.PR_SET_PDEATHSIG, (nuint)signal, "PR_SET_PDEATHSIG");

    /// <summary>PR_SET_CHILD_SUBREAPER: orphaned descendants become children of the caller.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SetChildSubreaper() => Control(ProcessConstants.PR_SET_CHILD_SUBREAPER, 1, "PR_SET_CHILD_SUBREAPER");

    /// <summary>
    /// PR_SET_DUMPABLE: without it, other processes of the same user see neither memory, executable nor descriptors of this one unless they
    /// have CAP_SYS_PTRACE. Children inherit it until they execute a program.
    /// </summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SetDumpable(bool dumpable) => Control(ProcessConstants.PR_SET_DUMPABLE, dumpable ? 1u : 0, "PR_SET_DUMPABLE");

    /// <summary>PR_SET_NO_NEW_PRIVS: execve can no longer add privileges; cannot be undone.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SetNoNewPrivileges() => Control(ProcessConstants.PR_SET_NO_NEW_PRIVS, 1, "PR_SET_NO_NEW_PRIVS");

    /// <summary>PR_SET_KEEPCAPS: permitted capabilities survive the change to an unprivileged user.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SetKeepCapabilities(bool keep) => Control(ProcessConstants.PR_SET_KEEPCAPS, keep ? 1u : 0, "PR_SET_KEEPCAPS");

    /// <summary>setsid(2).</summary>
    /// <exception cref="LinuxException">EPERM: the caller leads a process group already.</exception>
    public static void StartSession() => Libc.Check(Libc.setsid(), "setsid(2)");

    /// <summary>umask(2).</summary>
    public static void SetFileModeMask(uint mask) => _ = Libc.umask(mask);

    /// <summary>sethostname(2), in the caller's UTS namespace.</summary>
    /// <exception cref="LinuxException">The kernel refused: EINVAL for more than 64 bytes.</exception>
    public static void SetHostName(string name)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        fixed (byte* pointer = bytes)
        {
            Libc.Check(Libc.sethostname(pointer, (nuint)bytes.Length), "sethostname(2)", name);
        }
    }

    /// <summary>close_range(2) with CLOSE_RANGE_CLOEXEC: execve will close this descriptor and all above.</summary>
    /// <exception cref="LinuxException">The kernel (before 5.11) refused.</exception>
    public static void CloseOnExecuteFrom(int first) =>
        Libc.Check(Libc.close_range(SyscallNumbers.SYS_close_range, (uint)first, uint.MaxValue, ProcessConstants.CLOSE_RANGE_CLOEXEC), "close_range(2)", first.ToString());

    /// <summary>close_range(2): closes this descriptor and all up to <paramref name="last"/>.</summary>
    /// <exception cref="LinuxException">The kernel (before 5.9) refused.</exception>
    public static void CloseFrom(int first, int last = int.MaxValue)
    {
        if (last >= first)
        {
            Libc.Check(Libc.close_range(SyscallNumbers.SYS_close_range, (uint)first, (uint)last, 0), "close_range(2)", first.ToString());
        }
    }

    /// <summary>execve(2); comes back only when it failed.</summary>
    public static Errno Execute(string path, StringVector arguments, StringVector environment)
    {
        int length = Encoding.UTF8.GetMaxByteCount(path.Length) + 1;
        byte* buffer = stackalloc byte[length];
        buffer[Encoding.UTF8.GetBytes(path, new Span<byte>(buffer, length))] = 0;
        return Libc.execve(buffer, arguments.Pointer, environment.Pointer) == 0 ? Errno.None : Libc.LastErrno;
    }

    /// <summary>exit_group(2): ends the process at once; no exit handlers, no runtime shutdown.</summary>
    [DoesNotReturn]
    public static void Exit(int status)
    {
        while (true)
        {
            Libc.exit_group(SyscallNumbers.SYS_exit_group, status);
        }
    }

    private static void Control(int option, nuint argument, string name) =>
        Libc.Check(Libc.prctl(option, argument, 0, 0, 0), "prctl(2)", name);
}
