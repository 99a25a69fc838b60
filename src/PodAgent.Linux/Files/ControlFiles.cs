using System.Text;
using PodAgent.Linux.Events;
using PodAgent.Linux.Native;

namespace PodAgent.Linux.Files;

/// <summary>
/// The small text files by which the kernel is configured (cgroups(7), sysctl). A value is one write(2): the kernel parses each call on
/// its own, so a value that arrives in pieces would be read as several values.
/// </summary>
public static unsafe class ControlFiles
{
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
        using Fd? fd = TryOpen(path, OpenFlags.WriteOnly, out LinuxException? failure);
        if (fd is null)
        {
            return failure;
        }

        return FileData.TryWrite(fd, Encoding.UTF8.GetBytes(value), out Errno errno) < 0 ? new LinuxException("write(2)", path, errno) : null;
    }

    /// <summary>Writes several values, each by a write(2) of its own; null on success, otherwise what the kernel answered.</summary>
    /// <param name="path">The file.</param>
    /// <param name="values">The values.</param>
    /// <param name="last">The value that was written last, or refused.</param>
    public static LinuxException? TryWriteEach(string path, IEnumerable<string> values, ref string? last)
    {
        using Fd? fd = TryOpen(path, OpenFlags.WriteOnly, out LinuxException? failure);
        if (fd is null)
        {
            return failure;
        }

        foreach (string value in values)
        {
            last = value;
            if (FileData.TryWrite(fd, Encoding.UTF8.GetBytes(value), out Errno errno) < 0)
            {
                return new LinuxException("write(2)", path, errno);
            }
        }

        return null;
    }

    /// <summary>The whole text of a file.</summary>
    /// <exception cref="LinuxException">It cannot be opened or read.</exception>
    public static string Read(string path)
    {
        using Fd fd = TryOpen(path, OpenFlags.ReadOnly, out LinuxException? failure) ?? throw failure!;
        return ReadAll(fd, path);
    }

    /// <summary>
    /// The whole text of a file; null when it does not exist, or its cgroup or process vanished meanwhile (ENOENT, ENODEV, ESRCH), or this
    /// kernel does not provide the value (EOPNOTSUPP, as pressure stall information that is disabled, EINVAL on read).
    /// </summary>
    public static string? TryRead(string path)
    {
        using Fd? fd = TryOpen(path, OpenFlags.ReadOnly, out LinuxException? failure);
        try
        {
            return fd is null ? throw failure! : ReadAll(fd, path);
        }
        catch (LinuxException e) when (e.Errno is Errno.ENOENT or Errno.ENOTDIR or Errno.ENODEV or Errno.ESRCH or Errno.EOPNOTSUPP or Errno.EINVAL)
        {
            return null;
        }
    }

    /// <summary>Opens a file for <see cref="WaitForChange"/>; null when it does not exist.</summary>
    /// <exception cref="LinuxException">Any other refusal.</exception>
    public static Fd? TryOpenForReading(string path)
    {
        Fd? fd = TryOpen(path, OpenFlags.ReadOnly, out LinuxException? failure);
        return fd is null && failure!.Errno is not (Errno.ENOENT or Errno.ENODEV) ? throw failure : fd;
    }

    /// <summary>The text from the start of an open file, which also arms its next change notification; null when its cgroup is gone.</summary>
    /// <exception cref="LinuxException">The read failed.</exception>
    public static string? TryReread(Fd fd, string path)
    {
        Span<byte> buffer = stackalloc byte[1024];
        int count = FileData.TryReadAt(fd, buffer, 0, out Errno errno);
        if (count < 0)
        {
            return errno is Errno.ENODEV or Errno.ENOENT ? null : throw new LinuxException("read(2)", path, errno);
        }

        return Encoding.UTF8.GetString(buffer[..count]);
    }

    /// <summary>Waits until the kernel announces a change of an open file since its last read; false when the time is over.</summary>
    /// <exception cref="LinuxException">poll(2) failed.</exception>
    public static bool WaitForChange(Fd fd, TimeSpan timeout) => Polling.Wait(fd, EventKinds.Priority, timeout) != EventKinds.None;

    /// <summary>
    /// Lets a moment pass, for the few states that the kernel does not announce (the v1 freezer, the instant between a process's end and
    /// its leaving the cgroup).
    /// </summary>
    public static void LetPass(TimeSpan moment) => _ = Libc.poll(null, 0, Polling.Milliseconds(moment));

    /// <summary>
    /// Removes an empty directory: <see cref="Errno.None"/> when it is gone (also when it was gone before), <see cref="Errno.EBUSY"/> or
    /// <see cref="Errno.ENOTEMPTY"/> when it is in use.
    /// </summary>
    /// <exception cref="LinuxException">Any other refusal.</exception>
    public static Errno TryRemoveDirectory(string path)
    {
        Errno errno = Libc.unlinkat(FileConstants.AT_FDCWD, path, FileConstants.AT_REMOVEDIR) == 0 ? Errno.None : Libc.LastErrno;
        return errno switch
        {
            Errno.None or Errno.ENOENT => Errno.None,
            Errno.EBUSY or Errno.ENOTEMPTY => errno,
            _ => throw new LinuxException("rmdir(2)", path, errno),
        };
    }

    private static Fd? TryOpen(string path, OpenFlags flags, out LinuxException? failure)
    {
        Fd? fd = FileTree.TryOpen(path, flags | OpenFlags.NoControllingTerminal, out Errno errno);
        failure = fd is null ? new LinuxException("open(2)", path, errno) : null;
        return fd;
    }

    private static string ReadAll(Fd fd, string path) => Encoding.UTF8.GetString(FileData.Read(fd, path, limit: Array.MaxLength));
}
