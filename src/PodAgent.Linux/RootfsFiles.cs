using System.Text;
using PodAgent.Linux.Native;

namespace PodAgent.Linux;

/// <summary>
/// Reads files of a container's root file system, whose content an image's author chose: a symbolic link resolves inside the root, a
/// device or FIFO is never opened, and a size cap keeps a huge file from filling the agent's memory.
/// </summary>
public static unsafe class RootfsFiles
{
    // From asm-generic/fcntl.h under __USE_GNU; fcntl.h shows it only with _GNU_SOURCE.
    private const ulong OPath = 0x200000;

    /// <summary>A descriptor that only names a directory (O_PATH), to resolve paths from.</summary>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    public static Fd OpenRoot(string directory)
    {
        int fd = Libc.control_open(directory, (int)OPath | ControlFileConstants.O_CLOEXEC, 0);
        return fd < 0 ? throw new LinuxException("open(2)", directory, Libc.LastErrno) : new Fd(fd);
    }

    /// <summary>
    /// The content of a regular file; null when the path does not exist inside the root.
    /// </summary>
    /// <param name="rootfs">The root directory.</param>
    /// <param name="path">Path inside it; absolute and relative mean the same.</param>
    /// <param name="maxBytes">Largest size that is read.</param>
    /// <exception cref="LinuxException">The kernel refuses; also EINVAL for anything but a regular file, EFBIG above the cap.</exception>
    public static byte[]? TryRead(Fd rootfs, string path, int maxBytes)
    {
        // O_PATH first: opening a FIFO would block, and opening a device acts on it.
        using Fd? found = TryOpenPath(rootfs, path);
        if (found is null)
        {
            return null;
        }

        RootfsStatx stat;
        byte empty = 0;
        if (Libc.rootfs_statx(found.Number, &empty, RootfsFileConstants.AT_EMPTY_PATH, RootfsFileConstants.STATX_TYPE | RootfsFileConstants.STATX_SIZE, &stat) < 0)
        {
            throw new LinuxException("statx(2)", path, Libc.LastErrno);
        }

        if ((stat.stx_mode & RootfsFileConstants.S_IFMT) != RootfsFileConstants.S_IFREG)
        {
            throw new LinuxException("open regular file", path, Errno.EINVAL);
        }

        if (stat.stx_size > (ulong)maxBytes)
        {
            throw new LinuxException("read(2)", path, Errno.EFBIG);
        }

        int fd = Libc.control_open(found.ProcPath, ControlFileConstants.O_RDONLY | ControlFileConstants.O_CLOEXEC | ControlFileConstants.O_NOCTTY, 0);
        if (fd < 0)
        {
            throw new LinuxException("open(2)", path, Libc.LastErrno);
        }

        using var file = new Fd(fd);
        return ReadCapped(file, path, maxBytes);
    }

    private static Fd? TryOpenPath(Fd rootfs, string path)
    {
        var how = new RootfsOpenHow
        {
            flags = OPath | ControlFileConstants.O_CLOEXEC,
            resolve = RootfsFileConstants.RESOLVE_IN_ROOT | RootfsFileConstants.RESOLVE_NO_MAGICLINKS,
        };
        fixed (byte* p = Encoding.UTF8.GetBytes(path + '\0'))
        {
            long fd;
            do
            {
                // EAGAIN: something in the tree was renamed during the walk (openat2(2)), trying again is the documented answer.
                fd = Libc.rootfs_openat2(Libc.SYS_openat2_number, rootfs.Number, p, &how, (nuint)sizeof(RootfsOpenHow));
            }
            while (fd < 0 && Libc.LastErrno is (Errno.EINTR or Errno.EAGAIN));

            if (fd >= 0)
            {
                return new Fd((int)fd);
            }

            return Libc.LastErrno is Errno.ENOENT or Errno.ENOTDIR ? null : throw new LinuxException("openat2(2)", path, Libc.LastErrno);
        }
    }

    // The file may grow between the check and the read, so the cap is enforced here once more.
    private static byte[] ReadCapped(Fd file, string path, int maxBytes)
    {
        using var content = new MemoryStream();
        byte[] buffer = new byte[32 * 1024];
        while (true)
        {
            nint count;
            fixed (byte* p = buffer)
            {
                count = Libc.control_read(file.Number, p, (nuint)buffer.Length);
            }

            if (count < 0)
            {
                if (Libc.LastErrno == Errno.EINTR)
                {
                    continue;
                }

                throw new LinuxException("read(2)", path, Libc.LastErrno);
            }

            if (count == 0)
            {
                return content.ToArray();
            }

            content.Write(buffer, 0, (int)count);
            if (content.Length > maxBytes)
            {
                throw new LinuxException("read(2)", path, Errno.EFBIG);
            }
        }
    }
}
