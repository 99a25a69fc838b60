using PodAgent.Linux.Native;

namespace PodAgent.Linux.Files;

/// <summary>Anonymous files in memory, memfd_create(2).</summary>
public static class Memfd
{
    /// <summary>Makes an empty one; the name only shows in /proc.</summary>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    public static Fd Create(string name) => new(Libc.Check(Libc.memfd_create(name, MemfdConstants.MFD_CLOEXEC), "memfd_create(2)", name));

    /// <summary>Everything the file holds, whatever its position.</summary>
    /// <exception cref="LinuxException">The read failed.</exception>
    public static byte[] ReadAll(Fd fd)
    {
        byte[] content = new byte[FileTree.Status(fd).Size];
        int length = 0;
        while (length < content.Length)
        {
            int count = FileData.TryReadAt(fd, content.AsSpan(length), length, out Errno errno);
            if (count <= 0)
            {
                throw new LinuxException("pread(2)", "memfd", count < 0 ? errno : Errno.EIO);
            }

            length += count;
        }

        return content;
    }
}
