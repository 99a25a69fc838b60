using System.Runtime.InteropServices;

namespace PodAgent.Linux.Native;

/// <summary>socket(7), unix(7), ip(7).</summary>
[NativeConstants("sys/socket.h", "netinet/in.h")]
internal static class SocketConstants
{
    public const int AF_UNIX = 1;
    public const int AF_INET = 2;
    public const int AF_INET6 = 10;
    public const int AF_NETLINK = 16;
    public const int SOCK_STREAM = 1;
    public const int SOCK_RAW = 3;
    public const int SOCK_SEQPACKET = 5;
    public const int SOCK_NONBLOCK = 0x800;
    public const int SOCK_CLOEXEC = 0x80000;
    public const int SOL_IP = 0;
    public const int SOL_SOCKET = 1;
    public const int SOL_IPV6 = 41;
    public const int SOL_NETLINK = 270;
    public const int IP_FREEBIND = 15;
    public const int IPV6_FREEBIND = 78;
    public const int SO_PEERCRED = 17;
    public const int SCM_RIGHTS = 1;
    public const int MSG_CTRUNC = 8;
    public const int MSG_DONTWAIT = 0x40;
    public const int MSG_NOSIGNAL = 0x4000;
    public const int MSG_CMSG_CLOEXEC = 0x40000000;
}

/// <summary>unix(7).</summary>
[NativeType("struct sockaddr_un", "sys/un.h")]
internal unsafe struct sockaddr_un
{
    public ushort sun_family;
    public fixed byte sun_path[108];
}

/// <summary>SO_PEERCRED.</summary>
[NativeType("struct ucred", "sys/socket.h")]
internal struct ucred
{
    public int pid;
    public uint uid;
    public uint gid;
}

/// <summary>One part of a scattered buffer.</summary>
[NativeType("struct iovec", "sys/uio.h")]
internal unsafe struct iovec
{
    public byte* iov_base;
    public nuint iov_len;
}

/// <summary>sendmsg(2).</summary>
[NativeType("struct msghdr", "sys/socket.h")]
internal unsafe struct msghdr
{
    public void* msg_name;
    public uint msg_namelen;
    public iovec* msg_iov;
    public nuint msg_iovlen;
    public void* msg_control;
    public nuint msg_controllen;
    public int msg_flags;
}

/// <summary>cmsg(3).</summary>
[NativeType("struct cmsghdr", "sys/socket.h")]
internal struct cmsghdr
{
    public nuint cmsg_len;
    public int cmsg_level;
    public int cmsg_type;
}

internal static unsafe partial class Libc
{
    [LibraryImport(Name, SetLastError = true)]
    internal static partial int socket(int domain, int type, int protocol);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int socketpair(int domain, int type, int protocol, int* sv);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int bind(int sockfd, void* addr, uint addrlen);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int connect(int sockfd, void* addr, uint addrlen);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int listen(int sockfd, int backlog);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int accept4(int sockfd, void* addr, uint* addrlen, int flags);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int getsockopt(int sockfd, int level, int optname, void* optval, uint* optlen);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int setsockopt(int sockfd, int level, int optname, void* optval, uint optlen);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial nint send(int sockfd, byte* buf, nuint len, int flags);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial nint recv(int sockfd, byte* buf, nuint len, int flags);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial nint sendmsg(int sockfd, msghdr* msg, int flags);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial nint recvmsg(int sockfd, msghdr* msg, int flags);
}
