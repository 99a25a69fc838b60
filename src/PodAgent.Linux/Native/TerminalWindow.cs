namespace PodAgent.Linux.Native;

/// <summary><c>struct winsize</c> (ioctl_tty(2)).</summary>
[NativeType("struct winsize", "sys/ioctl.h")]
internal struct TerminalWindow
{
    public ushort ws_row;
    public ushort ws_col;
    public ushort ws_xpixel;
    public ushort ws_ypixel;
}
