using System.Runtime.InteropServices;

namespace PodAgent.Linux.Native;

/// <summary>Process descriptors, by raw number because the wrappers are newer than the oldest C library that is supported.</summary>
internal static partial class Libc
{
    // The same on every architecture: both calls are younger than the common numbering.
    internal const long SYS_pidfd_send_signal_number = 424;
    internal const long SYS_pidfd_open_number = 434;

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    internal static partial long pidfdset_open(long number, int pid, uint flags);

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    internal static partial long pidfdset_send_signal(long number, int pidfd, int signal, nint info, uint flags);
}
