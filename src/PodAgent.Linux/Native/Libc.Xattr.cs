using System.Runtime.InteropServices;
using PodAgent.Linux.Files;

namespace PodAgent.Linux.Native;

/// <summary>Limits of xattr(7).</summary>
[NativeConstants("linux/limits.h")]
internal static class XattrConstants
{
    public const int XATTR_SIZE_MAX = 65536;
    public const int XATTR_LIST_MAX = 65536;
}

internal static unsafe partial class Libc
{
    [LibraryImport(Name, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int lsetxattr(PathName path, string name, byte* value, nuint size, int flags);

    [LibraryImport(Name, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint lgetxattr(PathName path, string name, byte* value, nuint size);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial nint llistxattr(PathName path, byte* list, nuint size);
}
