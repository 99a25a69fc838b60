using System.Runtime.InteropServices;

namespace PodAgent.Linux.Native;

/// <summary>ioctl_tty(2).</summary>
[NativeConstants("sys/ioctl.h")]
internal static class TerminalConstants
{
    public const uint TIOCSCTTY = 0x540E;
    public const uint TIOCGWINSZ = 0x5413;
    public const uint TIOCSWINSZ = 0x5414;
    public const uint TIOCSPTLCK = 0x40045431;
    public const uint TIOCGPTPEER = 0x5441;
}

/// <summary>TIOCSWINSZ.</summary>
[NativeType("struct winsize", "sys/ioctl.h")]
internal struct winsize
{
    public ushort ws_row;
    public ushort ws_col;
    public ushort ws_xpixel;
    public ushort ws_ypixel;
}

internal static unsafe partial class Libc
{
    [LibraryImport(Name, SetLastError = true)]
    internal static partial int ioctl(int fd, nuint request, nint argument);
}
