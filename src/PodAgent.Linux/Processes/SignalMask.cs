using PodAgent.Linux.Native;

namespace PodAgent.Linux.Processes;

/// <summary>Signals blocked in the calling thread, their dispositions, and waiting for them without handlers.</summary>
public static unsafe class SignalMask
{
    private const nuint MaskSize = sizeof(ulong);
    private const int LastSignal = 64;

    /// <summary>The set of one signal, for combination with <c>|</c>.</summary>
    public static ulong Of(int signal) => 1UL << (signal - 1);

    /// <summary>The signals that the calling thread blocks.</summary>
    public static ulong Read()
    {
        ulong current;
        Libc.Check(Libc.rt_sigprocmask(SyscallNumbers.SYS_rt_sigprocmask, ProcessConstants.SIG_BLOCK, null, &current, MaskSize), "sigprocmask(2)");
        return current;
    }

    /// <summary>Replaces the calling thread's mask.</summary>
    public static void Set(ulong mask) =>
        Libc.Check(Libc.rt_sigprocmask(SyscallNumbers.SYS_rt_sigprocmask, ProcessConstants.SIG_SETMASK, &mask, null, MaskSize), "sigprocmask(2)");

    /// <summary>Ignores a signal; the disposition survives execve.</summary>
    public static void Ignore(int signal) => SetDisposition(signal, 1);

    /// <summary>Gives every signal its default disposition, as a new program expects it.</summary>
    public static void ResetDispositions()
    {
        for (int signal = 1; signal <= LastSignal; signal++)
        {
            if (signal is not (SignalNumbers.SIGKILL or 19) && GetDisposition(signal) != 0)
            {
                SetDisposition(signal, 0);
            }
        }
    }

    /// <summary>Waits for one of the blocked signals of a set and returns its number.</summary>
    public static int Wait(ulong mask)
    {
        while (true)
        {
            nint signal = Libc.rt_sigtimedwait(SyscallNumbers.SYS_rt_sigtimedwait, &mask, null, null, MaskSize);
            if (signal > 0)
            {
                return (int)signal;
            }
        }
    }

    private static nint GetDisposition(int signal)
    {
        kernel_sigaction action;
        Libc.Check(Libc.rt_sigaction(SyscallNumbers.SYS_rt_sigaction, signal, null, &action, MaskSize), "sigaction(2)", signal.ToString());
        return action.handler;
    }

    private static void SetDisposition(int signal, nint handler)
    {
        var action = new kernel_sigaction { handler = handler };
        Libc.Check(Libc.rt_sigaction(SyscallNumbers.SYS_rt_sigaction, signal, &action, null, MaskSize), "sigaction(2)", signal.ToString());
    }
}
