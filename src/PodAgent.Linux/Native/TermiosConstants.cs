namespace PodAgent.Linux.Native;

/// <summary>Constants of termios(3).</summary>
[NativeConstants("termios.h")]
internal static class TermiosConstants
{
    public const int TCSADRAIN = 1;
}
