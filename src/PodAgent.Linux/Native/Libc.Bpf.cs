using System.Runtime.InteropServices;

namespace PodAgent.Linux.Native;

internal static unsafe partial class Libc
{
    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint bpf(nint number, int cmd, void* attr, uint size);
}
