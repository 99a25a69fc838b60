using System.Runtime.InteropServices;

namespace PodAgent.Linux.Native;

/// <summary>bpf(2), which has no wrapper in the C library.</summary>
internal static unsafe partial class Libc
{
    internal static long SYS_bpf_number => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 280 : 321;

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    internal static partial long bpf_syscall(long number, int cmd, void* attr, uint size);
}
