using System.Runtime.InteropServices;

namespace PodAgent.Linux.Native;

/// <summary>Reading and writing the small files of cgroupfs and procfs, and waiting for their change notifications.</summary>
internal static unsafe partial class Libc
{
    [LibraryImport(Name, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int control_open(string path, int flags, uint mode);

    [LibraryImport(Name, EntryPoint = "read", SetLastError = true)]
    internal static partial nint control_read(int fd, byte* buffer, nuint count);

    [LibraryImport(Name, EntryPoint = "pread", SetLastError = true)]
    internal static partial nint control_pread(int fd, byte* buffer, nuint count, long offset);

    [LibraryImport(Name, EntryPoint = "write", SetLastError = true)]
    internal static partial nint control_write(int fd, byte* buffer, nuint count);

    [LibraryImport(Name, EntryPoint = "mkdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int control_mkdir(string path, uint mode);

    [LibraryImport(Name, EntryPoint = "rmdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int control_rmdir(string path);

    [LibraryImport(Name, EntryPoint = "poll", SetLastError = true)]
    internal static partial int control_poll(ControlPoll* fds, nuint count, int timeoutMilliseconds);
}
