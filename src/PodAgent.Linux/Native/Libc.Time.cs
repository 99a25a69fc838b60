using System.Runtime.InteropServices;

namespace PodAgent.Linux.Native;

/// <summary>adjtimex(2).</summary>
[NativeConstants("sys/timex.h")]
internal static class TimeConstants
{
    public const int TIME_ERROR = 5;
    public const int STA_UNSYNC = 0x40;
}

/// <summary>adjtimex(2), as far as it is read here.</summary>
[NativeType("struct timex", "sys/timex.h")]
[StructLayout(LayoutKind.Sequential, Size = 208)]
internal struct timex
{
    public uint modes;
    public long offset;
    public long freq;
    public long maxerror;
    public long esterror;
    public int status;
}

internal static unsafe partial class Libc
{
    [LibraryImport(Name, SetLastError = true)]
    internal static partial int adjtimex(timex* buf);
}
