using System.Runtime.InteropServices;
using PodAgent.Linux.Files;

namespace PodAgent.Linux.Native;

/// <summary>epoll(7), signalfd(2), eventfd(2), inotify(7), poll(2).</summary>
[NativeConstants("sys/epoll.h", "sys/signalfd.h", "sys/eventfd.h", "sys/inotify.h", "poll.h")]
internal static class EventConstants
{
    public const int EPOLL_CLOEXEC = 0x80000;
    public const int EPOLL_CTL_ADD = 1;
    public const int EPOLL_CTL_DEL = 2;
    public const int EPOLL_CTL_MOD = 3;
    public const uint EPOLLIN = 1;
    public const uint EPOLLPRI = 2;
    public const uint EPOLLOUT = 4;
    public const uint EPOLLERR = 8;
    public const uint EPOLLHUP = 0x10;
    public const uint EPOLLRDHUP = 0x2000;
    public const int SFD_CLOEXEC = 0x80000;
    public const int SFD_NONBLOCK = 0x800;
    public const int EFD_CLOEXEC = 0x80000;
    public const int EFD_NONBLOCK = 0x800;
    public const int IN_CLOEXEC = 0x80000;
    public const int IN_NONBLOCK = 0x800;
    public const uint IN_MODIFY = 2;
    public const uint IN_ATTRIB = 4;
    public const uint IN_CLOSE_WRITE = 8;
    public const uint IN_MOVED_FROM = 0x40;
    public const uint IN_MOVED_TO = 0x80;
    public const uint IN_CREATE = 0x100;
    public const uint IN_DELETE = 0x200;
    public const uint IN_DELETE_SELF = 0x400;
    public const uint IN_MOVE_SELF = 0x800;
    public const uint IN_UNMOUNT = 0x2000;
    public const uint IN_Q_OVERFLOW = 0x4000;
    public const uint IN_IGNORED = 0x8000;
    public const uint IN_ONLYDIR = 0x1000000;
    public const uint IN_ISDIR = 0x40000000;
    public const short POLLIN = 1;
    public const short POLLOUT = 4;
    public const short POLLERR = 8;
    public const short POLLHUP = 0x10;
}

/// <summary>epoll_wait(2); packed on x86-64.</summary>
[NativeType("struct epoll_event", "sys/epoll.h")]
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct epoll_event
{
    public uint events;
    public ulong data;
}

/// <summary>poll(2).</summary>
[NativeType("struct pollfd", "poll.h")]
internal struct pollfd
{
    public int fd;
    public short events;
    public short revents;
}

/// <summary>The head of an inotify(7) record; the name follows.</summary>
[NativeType("struct inotify_event", "sys/inotify.h")]
internal struct inotify_event
{
    public int wd;
    public uint mask;
    public uint cookie;
    public uint len;
}

internal static unsafe partial class Libc
{
    [LibraryImport(Name, SetLastError = true)]
    internal static partial int epoll_create1(int flags);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int epoll_ctl(int epfd, int op, int fd, epoll_event* ev);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int epoll_wait(int epfd, epoll_event* events, int maxevents, int timeout);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int signalfd(int fd, void* mask, int flags);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int eventfd(uint initval, int flags);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int inotify_init1(int flags);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int inotify_add_watch(int fd, PathName pathname, uint mask);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int inotify_rm_watch(int fd, int wd);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int poll(pollfd* fds, nuint nfds, int timeout);
}
