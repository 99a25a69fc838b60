namespace PodAgent.Linux.Native;

/// <summary>Constants of termios(3) and ioctl_tty(2).</summary>
[NativeConstants("termios.h", "sys/ioctl.h")]
internal static class TermiosConstants
{
    public const int TCSADRAIN = 1;
    public const int TIOCGWINSZ = 0x5413;
}
