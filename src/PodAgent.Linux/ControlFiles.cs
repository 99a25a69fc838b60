using System.Buffers;
using System.Text;
using PodAgent.Linux.Native;

namespace PodAgent.Linux;

/// <summary>
/// The small text files by which the kernel is configured (cgroups(7), sysctl). A value is one write(2): the kernel parses each call on
/// its own, so a value that arrives in pieces would be read as several values.
/// </summary>
public static unsafe class ControlFiles
{
    // EOPNOTSUPP: what a disabled feature (pressure stall information, for one) answers to a read.
    private const Errno NotSupported = (Errno)95;

    /// <summary>Writes one value.</summary>
    /// <exception cref="LinuxException">The file cannot be opened, or the kernel refuses the value.</exception>
    public static void Write(string path, string value)
    {
        if (TryWrite(path, value) is { } failure)
        {
            throw failure;
        }
    }

    /// <summary>Writes one value; null on success, otherwise what the kernel answered.</summary>
    public static LinuxException? TryWrite(string path, string value)
    {
        using Fd? fd = TryOpen(path, ControlFileConstants.O_WRONLY, out LinuxException? failure);
        if (fd is null)
        {
            return failure;
        }

        byte[] bytes = Encoding.UTF8.GetBytes(value);
        fixed (byte* p = bytes)
        {
            nint written;
            do
            {
                written = Libc.control_write(fd.Number, p, (nuint)bytes.Length);
            }
            while (written < 0 && Libc.LastErrno == Errno.EINTR);

            return written < 0 ? new LinuxException("write(2)", path, Libc.LastErrno) : null;
        }
    }

    /// <summary>The whole text of a file.</summary>
    /// <exception cref="LinuxException">It cannot be opened or read.</exception>
    public static string Read(string path)
    {
        using Fd fd = TryOpen(path, ControlFileConstants.O_RDONLY, out LinuxException? failure) ?? throw failure!;
        return ReadAll(fd, path);
    }

    /// <summary>
    /// The whole text of a file; null when it does not exist, or its cgroup or process vanished meanwhile (ENOENT, ENODEV, ESRCH), or this
    /// kernel does not provide the value (EOPNOTSUPP, EINVAL on read).
    /// </summary>
    public static string? TryRead(string path)
    {
        using Fd? fd = TryOpen(path, ControlFileConstants.O_RDONLY, out LinuxException? failure);
        try
        {
            return fd is null ? throw failure! : ReadAll(fd, path);
        }
        catch (LinuxException e) when (e.Errno is Errno.ENOENT or Errno.ENOTDIR or Errno.ENODEV or Errno.ESRCH or NotSupported or Errno.EINVAL)
        {
            return null;
        }
    }

    /// <summary>Opens a file for <see cref="WaitForChange"/>; null when it does not exist.</summary>
    /// <exception cref="LinuxException">Any other refusal.</exception>
    public static Fd? TryOpenForReading(string path)
    {
        Fd? fd = TryOpen(path, ControlFileConstants.O_RDONLY, out LinuxException? failure);
        return fd is null && failure!.Errno is not (Errno.ENOENT or Errno.ENODEV) ? throw failure : fd;
    }

    /// <summary>The text from the start of an open file, which also arms its next change notification; null when its cgroup is gone.</summary>
    /// <exception cref="LinuxException">The read failed.</exception>
    public static string? TryReread(Fd fd, string path)
    {
        byte* buffer = stackalloc byte[1024];
        nint count;
        do
        {
            count = Libc.control_pread(fd.Number, buffer, 1024, 0);
        }
        while (count < 0 && Libc.LastErrno == Errno.EINTR);

        if (count < 0)
        {
            return Libc.LastErrno is Errno.ENODEV or Errno.ENOENT ? null : throw new LinuxException("read(2)", path, Libc.LastErrno);
        }

        return Encoding.UTF8.GetString(buffer, (int)count);
    }

    /// <summary>Waits until the kernel announces a change of an open file since its last read; false when the time is over.</summary>
    /// <exception cref="LinuxException">poll(2) failed.</exception>
    public static bool WaitForChange(Fd fd, TimeSpan timeout)
    {
        ControlPoll entry = new() { fd = fd.Number, events = ControlFileConstants.POLLPRI };
        int ready = Libc.control_poll(&entry, 1, Milliseconds(timeout));
        return ready > 0 || (ready < 0 && Libc.LastErrno != Errno.EINTR ? throw new LinuxException("poll(2)", null, Libc.LastErrno) : false);
    }

    /// <summary>
    /// Lets a moment pass, for the few states that the kernel does not announce (the v1 freezer, the instant between a process's end and
    /// its leaving the cgroup).
    /// </summary>
    public static void LetPass(TimeSpan moment) => _ = Libc.control_poll(null, 0, Milliseconds(moment));

    /// <summary>Makes a directory; false when it exists.</summary>
    /// <exception cref="LinuxException">Any other refusal.</exception>
    public static bool TryMakeDirectory(string path, uint mode = 0x1ED)
    {
        if (Libc.control_mkdir(path, mode) == 0)
        {
            return true;
        }

        return Libc.LastErrno == Errno.EEXIST ? false : throw new LinuxException("mkdir(2)", path, Libc.LastErrno);
    }

    /// <summary>
    /// Removes an empty directory: <see cref="Errno.None"/> when it is gone (also when it was gone before), <see cref="Errno.EBUSY"/> or
    /// <see cref="Errno.ENOTEMPTY"/> when it is in use.
    /// </summary>
    /// <exception cref="LinuxException">Any other refusal.</exception>
    public static Errno TryRemoveDirectory(string path)
    {
        if (Libc.control_rmdir(path) == 0)
        {
            return Errno.None;
        }

        Errno errno = Libc.LastErrno;
        return errno switch
        {
            Errno.ENOENT => Errno.None,
            Errno.EBUSY or Errno.ENOTEMPTY => errno,
            _ => throw new LinuxException("rmdir(2)", path, errno),
        };
    }

    internal static int Milliseconds(TimeSpan timeout) =>
        timeout <= TimeSpan.Zero ? 0 : (int)Math.Min(int.MaxValue, Math.Ceiling(timeout.TotalMilliseconds));

    private static Fd? TryOpen(string path, int flags, out LinuxException? failure)
    {
        int fd;
        do
        {
            fd = Libc.control_open(path, flags | ControlFileConstants.O_CLOEXEC | ControlFileConstants.O_NOCTTY, 0);
        }
        while (fd < 0 && Libc.LastErrno == Errno.EINTR);

        failure = fd < 0 ? new LinuxException("open(2)", path, Libc.LastErrno) : null;
        return fd < 0 ? null : new Fd(fd);
    }

    private static string ReadAll(Fd fd, string path)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(4096);
        try
        {
            int length = 0;
            while (true)
            {
                if (length == buffer.Length)
                {
                    byte[] larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
                    buffer.AsSpan(0, length).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }

                nint count;
                fixed (byte* p = buffer)
                {
                    count = Libc.control_read(fd.Number, p + length, (nuint)(buffer.Length - length));
                }

                if (count == 0)
                {
                    return Encoding.UTF8.GetString(buffer, 0, length);
                }

                if (count > 0)
                {
                    length += (int)count;
                }
                else if (Libc.LastErrno != Errno.EINTR)
                {
                    throw new LinuxException("read(2)", path, Libc.LastErrno);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
