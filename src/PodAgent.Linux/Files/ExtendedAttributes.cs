using System.Text;
using PodAgent.Linux.Native;

namespace PodAgent.Linux.Files;

/// <summary>Extended attributes (xattr(7)) of names in an open directory, or of the directory itself for an empty name. Symbolic links are never followed.</summary>
public static unsafe class ExtendedAttributes
{
    /// <summary>Sets an attribute; false when the file system has no such attributes.</summary>
    /// <exception cref="LinuxException">The kernel refused for another reason.</exception>
    public static bool TrySet(Fd parent, PathName name, string attribute, ReadOnlySpan<byte> value)
    {
        fixed (byte* data = value)
        {
            int result = Libc.lsetxattr(PathOf(parent, name), attribute, data, (nuint)value.Length, 0);
            if (result < 0)
            {
                Errno errno = Libc.LastErrno;
                return errno == Errno.EOPNOTSUPP ? false : throw new LinuxException("lsetxattr(2)", $"{name.ToString()} {attribute}", errno);
            }

            return true;
        }
    }

    /// <summary>An attribute's value; null when the name does not have it.</summary>
    public static byte[]? TryGet(Fd parent, PathName name, string attribute)
    {
        byte[] value = new byte[XattrConstants.XATTR_SIZE_MAX];
        fixed (byte* data = value)
        {
            nint length = Libc.lgetxattr(PathOf(parent, name), attribute, data, XattrConstants.XATTR_SIZE_MAX);
            return length < 0 ? null : value[..(int)length];
        }
    }

    /// <summary>The names of a file's attributes; empty where there are none.</summary>
    public static IReadOnlyList<string> List(Fd parent, PathName name)
    {
        byte[] list = new byte[XattrConstants.XATTR_LIST_MAX];
        fixed (byte* data = list)
        {
            nint length = Libc.llistxattr(PathOf(parent, name), data, XattrConstants.XATTR_LIST_MAX);
            return length <= 0 ? [] : Encoding.UTF8.GetString(list, 0, (int)length - 1).Split('\0');
        }
    }

    // There is no setxattrat(2) before Linux 6.13; the magic link of the parent keeps the path from being resolved anew.
    private static byte[] PathOf(Fd parent, PathName name)
    {
        PathName last = name.IsEmpty ? "." : name;
        byte[] path = new byte[64 + last.MaxByteCount];
        int prefix = Encoding.UTF8.GetBytes(parent.ProcPath + "/", path);
        return path[..(prefix + last.CopyTo(path.AsSpan(prefix)))];
    }
}
