using System.Runtime.InteropServices;

namespace PodAgent.Linux.Native;

/// <summary>Argument of openat2(2).</summary>
[StructLayout(LayoutKind.Sequential)]
[NativeType("struct open_how", "linux/openat2.h")]
internal struct RootfsOpenHow
{
    public ulong flags;
    public ulong mode;
    public ulong resolve;
}
