using PodAgent.Linux.Native;

namespace PodAgent.Linux;

/// <summary>Anonymous files in memory, memfd_create(2).</summary>
public static unsafe class Memfd
{
    /// <summary>Makes an empty one; the name only shows in /proc.</summary>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    public static Fd Create(string name)
    {
        int fd = Libc.memfd_create(name, MemfdConstants.MFD_CLOEXEC);
        return fd < 0 ? throw new LinuxException("memfd_create(2)", name, Libc.LastErrno) : new Fd(fd);
    }

    /// <summary>Everything the file holds, whatever its position.</summary>
    /// <exception cref="LinuxException">The read failed.</exception>
    public static byte[] ReadAll(Fd fd)
    {
        using var content = new MemoryStream();
        byte[] buffer = new byte[16 * 1024];
        while (true)
        {
            nint count;
            fixed (byte* p = buffer)
            {
                count = Libc.control_pread(fd.Number, p, (nuint)buffer.Length, content.Length);
            }

            if (count == 0)
            {
                return content.ToArray();
            }

            if (count > 0)
            {
                content.Write(buffer, 0, (int)count);
            }
            else if (Libc.LastErrno != Errno.EINTR)
            {
                throw new LinuxException("pread(2)", "memfd", Libc.LastErrno);
            }
        }
    }
}
