using System.Text;
using PodAgent.Linux.Native;

namespace PodAgent.Linux.Files;

/// <summary>Reading and writing descriptors, pipes, and small files as a whole.</summary>
public static unsafe class FileData
{
    /// <summary>pipe2(2).</summary>
    /// <param name="capacity">
    /// Bytes that it should hold (F_SETPIPE_SZ), so that writer and reader need not take turns for every 64 KiB; the kernel may refuse, and then it
    /// holds fewer. 0: the kernel's own choice. Memory is taken only for what is in it.
    /// </param>
    /// <exception cref="LinuxException">EMFILE, ENFILE.</exception>
    public static (Fd Read, Fd Write) MakePipe(int capacity = 0)
    {
        int* ends = stackalloc int[2];
        Libc.Check(Libc.pipe2(ends, FileConstants.O_CLOEXEC), "pipe(2)");
        if (capacity > 0)
        {
            _ = Libc.fcntl(ends[0], FileConstants.F_SETPIPE_SZ, capacity);
        }

        return (new Fd(ends[0]), new Fd(ends[1]));
    }

    /// <summary>O_NONBLOCK of the open file, which its duplicates in other processes share.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SetNonBlocking(Fd file, bool nonBlocking = true)
    {
        int flags = Libc.Check(Libc.fcntl(file.Number, FileConstants.F_GETFL, 0), "fcntl(2)", "F_GETFL");
        int wanted = nonBlocking ? flags | FileConstants.O_NONBLOCK : flags & ~FileConstants.O_NONBLOCK;
        if (wanted != flags)
        {
            Libc.Check(Libc.fcntl(file.Number, FileConstants.F_SETFL, wanted), "fcntl(2)", "F_SETFL");
        }
    }

    /// <summary>read(2). 0 bytes and no error: the end.</summary>
    /// <returns>Bytes read; -1 and the reason, EAGAIN among them, otherwise.</returns>
    public static int TryRead(Fd file, Span<byte> buffer, out Errno errno)
    {
        fixed (byte* pointer = buffer)
        {
            nint count;
            do
            {
                count = Libc.read(file.Number, pointer, (nuint)buffer.Length);
                errno = count < 0 ? Libc.LastErrno : Errno.None;
            }
            while (errno == Errno.EINTR);

            return (int)count;
        }
    }

    /// <summary>pread(2).</summary>
    /// <returns>Bytes read; -1 and the reason otherwise.</returns>
    public static int TryReadAt(Fd file, Span<byte> buffer, long offset, out Errno errno)
    {
        fixed (byte* pointer = buffer)
        {
            nint count;
            do
            {
                count = Libc.pread(file.Number, pointer, (nuint)buffer.Length, offset);
                errno = count < 0 ? Libc.LastErrno : Errno.None;
            }
            while (errno == Errno.EINTR);

            return (int)count;
        }
    }

    /// <summary>write(2), which may take less than all.</summary>
    /// <returns>Bytes written; -1 and the reason, EAGAIN and EPIPE among them, otherwise.</returns>
    public static int TryWrite(Fd file, ReadOnlySpan<byte> data, out Errno errno)
    {
        fixed (byte* pointer = data)
        {
            nint count;
            do
            {
                count = Libc.write(file.Number, pointer, (nuint)data.Length);
                errno = count < 0 ? Libc.LastErrno : Errno.None;
            }
            while (errno == Errno.EINTR);

            return (int)count;
        }
    }

    /// <summary>write(2) until everything is written; false and the reason at the first refusal.</summary>
    public static bool TryWriteAll(Fd file, ReadOnlySpan<byte> data, out Errno errno)
    {
        errno = Errno.None;
        while (!data.IsEmpty)
        {
            int count = TryWrite(file, data, out errno);
            if (count < 0)
            {
                return false;
            }

            data = data[count..];
        }

        return true;
    }

    /// <summary>Writes a text with one write(2), as the files of /proc and cgroups expect.</summary>
    /// <exception cref="LinuxException">The file cannot be opened, or the kernel refused the value.</exception>
    public static void WriteText(PathName path, string text, Fd? directory = null)
    {
        using Fd file = FileTree.Open(path, OpenFlags.WriteOnly, 0, directory);
        WriteText(file, text, path);
    }

    /// <summary>As <see cref="WriteText(PathName, string, Fd?)"/>, to an open file.</summary>
    /// <exception cref="LinuxException">The kernel refused the value.</exception>
    public static void WriteText(Fd file, string text, PathName subject = default) => Write(file, Encoding.UTF8.GetBytes(text), subject);

    /// <summary>Writes all of a buffer.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Write(Fd file, ReadOnlySpan<byte> data, PathName subject = default)
    {
        if (!TryWriteAll(file, data, out Errno errno))
        {
            Libc.Throw("write(2)", FileTree.Subject(file, subject), errno);
        }
    }

    /// <summary>fsync(2), of a file's content or of a directory's names.</summary>
    /// <exception cref="LinuxException">A write failed.</exception>
    public static void Sync(Fd file, PathName subject = default) => Libc.Check(Libc.fsync(file.Number), "fsync(2)", FileTree.Subject(file, subject));

    /// <summary>syncfs(2): everything written to the file system of <paramref name="any"/> is on the disk, or the first error since it was opened is thrown.</summary>
    /// <exception cref="LinuxException">A write failed.</exception>
    public static void SyncFileSystem(Fd any, PathName subject = default) => Libc.Check(Libc.syncfs(any.Number), "syncfs(2)", FileTree.Subject(any, subject));

    /// <summary>Reads a small file as a whole.</summary>
    /// <param name="path">Relative to <paramref name="directory"/>.</param>
    /// <param name="directory">Null: as the process sees the path.</param>
    /// <param name="limit">The most that is read, in bytes; EFBIG above.</param>
    /// <exception cref="LinuxException">The file cannot be opened or read.</exception>
    public static byte[] Read(PathName path, Fd? directory = null, int limit = 1 << 20)
    {
        using Fd file = FileTree.Open(path, OpenFlags.ReadOnly, 0, directory);
        return Read(file, path, limit);
    }

    /// <summary>As <see cref="Read(PathName, Fd?, int)"/>, from an open file.</summary>
    /// <exception cref="LinuxException">The file cannot be read.</exception>
    public static byte[] Read(Fd file, PathName subject = default, int limit = 1 << 20)
    {
        byte[] buffer = new byte[4096];
        int length = 0;
        while (true)
        {
            int count = TryRead(file, buffer.AsSpan(length), out Errno errno);
            if (count < 0)
            {
                Libc.Throw("read(2)", FileTree.Subject(file, subject), errno);
            }

            if (count == 0)
            {
                return buffer[..length];
            }

            length += count;
            if (length > limit)
            {
                Libc.Throw("read(2)", FileTree.Subject(file, subject), Errno.EFBIG);
            }

            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }
        }
    }

    /// <summary>As <see cref="Read(PathName, Fd?, int)"/>, as UTF-8 text.</summary>
    /// <exception cref="LinuxException">The file cannot be opened or read.</exception>
    public static string ReadText(PathName path, Fd? directory = null) => Encoding.UTF8.GetString(Read(path, directory));
}
