using System.Runtime.InteropServices;

namespace PodAgent.Linux.Native;

/// <summary>
/// The C library, one to one. Each family of calls has a file of its own (<c>Libc.Mount.cs</c>, <c>Libc.Sched.cs</c>); names and constants
/// keep their native spelling. Nothing here interprets a result: the typed wrappers one folder up do.
/// </summary>
internal static unsafe partial class Libc
{
    private const string Name = "libc";

    /// <summary>The error number of the last call of this thread made with <c>SetLastError</c>.</summary>
    public static Errno LastErrno => (Errno)Marshal.GetLastPInvokeError();

    [LibraryImport(Name)]
    private static partial byte* strerror_r(int errnum, byte* buf, nuint buflen);

    // glibc's GNU variant returns the text, which need not be in the buffer.
    public static string StrError(int errnum)
    {
        byte* buffer = stackalloc byte[128];
        return Marshal.PtrToStringUTF8((nint)strerror_r(errnum, buffer, 128)) ?? $"error {errnum}";
    }

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int close(int fd);
}
