using PodAgent.Linux.Native;

namespace PodAgent.Linux.Processes;

/// <summary>Signal numbers (signal(7), x86-64 and arm64).</summary>
[NativeConstants("signal.h")]
public static class SignalNumbers
{
    /// <summary>Hang-up.</summary>
    public const int SIGHUP = 1;

    /// <summary>Interrupt.</summary>
    public const int SIGINT = 2;

    /// <summary>Abort.</summary>
    public const int SIGABRT = 6;

    /// <summary>Kill; cannot be caught.</summary>
    public const int SIGKILL = 9;

    /// <summary>Invalid memory reference.</summary>
    public const int SIGSEGV = 11;

    /// <summary>Write to a pipe without readers.</summary>
    public const int SIGPIPE = 13;

    /// <summary>Termination.</summary>
    public const int SIGTERM = 15;

    /// <summary>A child has ended.</summary>
    public const int SIGCHLD = 17;

    /// <summary>The terminal's size has changed.</summary>
    public const int SIGWINCH = 28;
}
