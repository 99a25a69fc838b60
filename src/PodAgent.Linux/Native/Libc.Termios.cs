using System.Runtime.InteropServices;

namespace PodAgent.Linux.Native;

/// <summary>termios(3): the modes of a terminal.</summary>
internal static unsafe partial class Libc
{
    [LibraryImport(Name, SetLastError = true)]
    internal static partial int tcgetattr(int fd, Termios* mode);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int tcsetattr(int fd, int actions, Termios* mode);

    [LibraryImport(Name)]
    internal static partial void cfmakeraw(Termios* mode);

    [LibraryImport(Name)]
    internal static partial int isatty(int fd);
}
