using System.Runtime.InteropServices;

namespace PodAgent.Linux.Native;

// The managed names differ from the C ones where another family declares the same call with other parameter types.
internal static unsafe partial class Libc
{
    [LibraryImport(Name, EntryPoint = "socket", SetLastError = true)]
    internal static partial int netlink_socket(int domain, int type, int protocol);

    [LibraryImport(Name, EntryPoint = "setsockopt", SetLastError = true)]
    internal static partial int netlink_setsockopt(int fd, int level, int name, int* value, uint length);

    [LibraryImport(Name, EntryPoint = "send", SetLastError = true)]
    internal static partial nint netlink_send(int fd, byte* buffer, nuint length, int flags);

    [LibraryImport(Name, EntryPoint = "recv", SetLastError = true)]
    internal static partial nint netlink_recv(int fd, byte* buffer, nuint length, int flags);

    [LibraryImport(Name, EntryPoint = "setns", SetLastError = true)]
    internal static partial int netns_setns(int fd, int kind);

    [LibraryImport(Name, EntryPoint = "unshare", SetLastError = true)]
    internal static partial int netns_unshare(int flags);

    [LibraryImport(Name, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int netns_open(string path, int flags);
}
