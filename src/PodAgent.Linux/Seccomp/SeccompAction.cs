using PodAgent.Linux.Native;

namespace PodAgent.Linux.Seccomp;

/// <summary>What the kernel does with a system call: an action of seccomp(2) with its data, as the filter returns it.</summary>
/// <param name="Value">SECCOMP_RET_* in the upper, data in the lower 16 bits.</param>
public readonly record struct SeccompAction(uint Value)
{
    /// <summary>The call is executed.</summary>
    public static SeccompAction Allow => new(SeccompConstants.SECCOMP_RET_ALLOW);

    /// <summary>The call is executed and logged by the audit subsystem.</summary>
    public static SeccompAction Log => new(SeccompConstants.SECCOMP_RET_LOG);

    /// <summary>The calling thread receives SIGSYS.</summary>
    public static SeccompAction Trap => new(SeccompConstants.SECCOMP_RET_TRAP);

    /// <summary>The calling thread ends.</summary>
    public static SeccompAction KillThread => new(SeccompConstants.SECCOMP_RET_KILL_THREAD);

    /// <summary>The whole process ends.</summary>
    public static SeccompAction KillProcess => new(SeccompConstants.SECCOMP_RET_KILL_PROCESS);

    /// <summary>A listener in user space decides.</summary>
    public static SeccompAction Notify => new(SeccompConstants.SECCOMP_RET_USER_NOTIF);

    /// <summary>The call fails with an error number.</summary>
    public static SeccompAction Error(Errno errno) => new(SeccompConstants.SECCOMP_RET_ERRNO | (uint)errno);

    /// <summary>A tracer is asked; without one the call fails with ENOSYS.</summary>
    public static SeccompAction Trace(ushort message) => new(SeccompConstants.SECCOMP_RET_TRACE | message);

    /// <summary>The error number of <see cref="Error"/>; null for every other action.</summary>
    public Errno? ErrorNumber => (Value & 0xFFFF0000) == SeccompConstants.SECCOMP_RET_ERRNO ? (Errno)(Value & 0xFFFF) : null;
}
