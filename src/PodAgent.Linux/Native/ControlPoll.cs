using System.Runtime.InteropServices;

namespace PodAgent.Linux.Native;

/// <summary>One entry of poll(2).</summary>
[StructLayout(LayoutKind.Sequential)]
[NativeType("struct pollfd", "poll.h")]
internal struct ControlPoll
{
    public int fd;
    public short events;
    public short revents;
}
