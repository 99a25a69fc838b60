namespace PodAgent.Linux.Native;

/// <summary>glibc's <c>struct termios</c> (termios(3)), which is larger than the kernel's.</summary>
[NativeType("struct termios", "termios.h")]
internal unsafe struct Termios
{
    public uint c_iflag;
    public uint c_oflag;
    public uint c_cflag;
    public uint c_lflag;
    public byte c_line;
    public fixed byte c_cc[32];
    public uint c_ispeed;
    public uint c_ospeed;
}
