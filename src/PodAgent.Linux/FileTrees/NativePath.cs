using System.Text;
using PodAgent.Linux.Native;

namespace PodAgent.Linux.FileTrees;

/// <summary>A NUL-terminated copy of a name, in the caller's stack frame.</summary>
internal static class NativePath
{
    /// <summary>PATH_MAX of linux/limits.h, the terminating NUL included.</summary>
    public const int Capacity = 4096;

    /// <summary>Copies a name and terminates it. A NUL inside would silently name another file, so it is an error like an overlong name.</summary>
    public static void Terminate(ReadOnlySpan<byte> name, Span<byte> buffer, string operation)
    {
        if (name.Length >= buffer.Length)
        {
            throw new LinuxException(operation, Display(name[..64]) + "...", Errno.ENAMETOOLONG);
        }

        if (name.Contains((byte)0))
        {
            throw new LinuxException(operation, Display(name), Errno.EINVAL);
        }

        name.CopyTo(buffer);
        buffer[name.Length] = 0;
    }

    /// <summary>A name for a message.</summary>
    public static string Display(ReadOnlySpan<byte> name) => Encoding.UTF8.GetString(name).Replace("\0", "\\0", StringComparison.Ordinal);

    /// <summary>Throws for a negative result.</summary>
    public static void Check(long result, string operation, ReadOnlySpan<byte> name)
    {
        if (result < 0)
        {
            throw new LinuxException(operation, Display(name), Libc.LastErrno);
        }
    }
}
