using PodAgent.Linux.Native;

namespace PodAgent.Linux.Seccomp;

/// <summary>seccomp(2) in filter mode.</summary>
public static unsafe class SeccompMode
{
    private const int InstructionSize = 8;

    /// <summary>Installs a compiled program for the calling thread and what it executes.</summary>
    /// <param name="program">struct sock_filter[].</param>
    /// <exception cref="LinuxException">EACCES: neither no_new_privs nor CAP_SYS_ADMIN; EINVAL: not a valid program.</exception>
    public static void Install(ReadOnlySpan<byte> program)
    {
        if (program.Length % InstructionSize != 0 || program.Length / InstructionSize is 0 or > ushort.MaxValue)
        {
            Libc.Throw("seccomp(2)", $"program of {program.Length} bytes", Errno.EINVAL);
        }

        fixed (byte* pointer = program)
        {
            var header = new sock_fprog { len = (ushort)(program.Length / InstructionSize), filter = pointer };
            Libc.Check(Libc.seccomp(SyscallNumbers.SYS_seccomp, ProcessConstants.SECCOMP_SET_MODE_FILTER, 0, &header), "seccomp(2)", "SECCOMP_SET_MODE_FILTER");
        }
    }
}
