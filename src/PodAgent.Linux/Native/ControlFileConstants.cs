namespace PodAgent.Linux.Native;

/// <summary>Flags of open(2) and poll(2) that control files need; the same on x86-64 and arm64.</summary>
[NativeConstants("fcntl.h", "poll.h")]
internal static class ControlFileConstants
{
    public const int O_RDONLY = 0;
    public const int O_WRONLY = 1;
    public const int O_CLOEXEC = 0x80000;
    public const int O_NOCTTY = 0x100;
    public const int O_NONBLOCK = 0x800;
    public const short POLLIN = 0x1;
    public const short POLLPRI = 0x2;
}
