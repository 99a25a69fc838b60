using System.Runtime.InteropServices;
using System.Text;
using PodAgent.Linux.Native;

namespace PodAgent.Linux.Sockets;

/// <summary>Unix sockets with descriptor passing (unix(7)).</summary>
public static unsafe class UnixSockets
{
    /// <summary>The most descriptors that the kernel takes in one message (SCM_MAX_FD).</summary>
    public const int MaxDescriptors = 253;

    /// <summary>socketpair(2).</summary>
    /// <param name="packets">True: SOCK_SEQPACKET, one message per send; false: SOCK_STREAM.</param>
    /// <exception cref="LinuxException">EMFILE, ENFILE.</exception>
    public static (Fd First, Fd Second) MakePair(bool packets)
    {
        int* ends = stackalloc int[2];
        int type = (packets ? SocketConstants.SOCK_SEQPACKET : SocketConstants.SOCK_STREAM) | SocketConstants.SOCK_CLOEXEC;
        Libc.Check(Libc.socketpair(SocketConstants.AF_UNIX, type, 0, ends), "socketpair(2)");
        return (new Fd(ends[0]), new Fd(ends[1]));
    }

    /// <summary>A non-blocking stream socket that listens at a path.</summary>
    /// <param name="path">At most 107 bytes; the file must not exist.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static Fd Listen(string path)
    {
        var socket = new Fd(Libc.Check(Libc.socket(SocketConstants.AF_UNIX, SocketConstants.SOCK_STREAM | SocketConstants.SOCK_CLOEXEC | SocketConstants.SOCK_NONBLOCK, 0), "socket(2)"));
        try
        {
            sockaddr_un address = Address(path);
            Libc.Check(Libc.bind(socket.Number, &address, (uint)sizeof(sockaddr_un)), "bind(2)", path);
            Libc.Check(Libc.listen(socket.Number, 16), "listen(2)", path);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A blocking stream socket connected to the one that listens at a path; null when nobody does.</summary>
    /// <exception cref="LinuxException">The kernel refused for another reason.</exception>
    public static Fd? TryConnect(string path)
    {
        var socket = new Fd(Libc.Check(Libc.socket(SocketConstants.AF_UNIX, SocketConstants.SOCK_STREAM | SocketConstants.SOCK_CLOEXEC, 0), "socket(2)"));
        sockaddr_un address = Address(path);
        int result;
        do
        {
            result = Libc.connect(socket.Number, &address, (uint)sizeof(sockaddr_un));
        }
        while (result < 0 && Libc.LastErrno == Errno.EINTR);

        if (result == 0)
        {
            return socket;
        }

        Errno errno = Libc.LastErrno;
        socket.Dispose();
        if (errno is not (Errno.ENOENT or Errno.ECONNREFUSED or Errno.ENOTDIR))
        {
            Libc.Throw("connect(2)", path, errno);
        }

        return null;
    }

    /// <summary>accept4(2) as a non-blocking socket; null when nobody is waiting.</summary>
    /// <exception cref="LinuxException">EMFILE and the like.</exception>
    public static Fd? TryAccept(Fd listener)
    {
        int fd = Libc.accept4(listener.Number, null, null, SocketConstants.SOCK_CLOEXEC | SocketConstants.SOCK_NONBLOCK);
        if (fd >= 0)
        {
            return new Fd(fd);
        }

        Errno errno = Libc.LastErrno;
        if (errno is not (Errno.EAGAIN or Errno.EINTR or Errno.ECONNABORTED))
        {
            Libc.Throw("accept(2)", null, errno);
        }

        return null;
    }

    /// <summary>Who connected, or made the pair (SO_PEERCRED).</summary>
    /// <exception cref="LinuxException">Not a Unix socket.</exception>
    public static (int Pid, uint User, uint Group) PeerOf(Fd socket)
    {
        ucred credentials;
        uint size = (uint)sizeof(ucred);
        Libc.Check(Libc.getsockopt(socket.Number, SocketConstants.SOL_SOCKET, SocketConstants.SO_PEERCRED, &credentials, &size), "getsockopt(2)", "SO_PEERCRED");
        return (credentials.pid, credentials.uid, credentials.gid);
    }

    /// <summary>sendmsg(2) with descriptors, which travel with the first byte. A broken connection is EPIPE, not a signal.</summary>
    /// <returns>Bytes taken; -1 and the reason otherwise. Once a byte is taken, so are all descriptors.</returns>
    public static int TrySend(Fd socket, ReadOnlySpan<byte> data, ReadOnlySpan<int> descriptors, out Errno errno, bool wait = false)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(descriptors.Length, MaxDescriptors);
        int controlLength = ControlSpace(descriptors.Length);
        byte* control = stackalloc byte[controlLength];
        fixed (byte* pointer = data)
        {
            var part = new iovec { iov_base = pointer, iov_len = (nuint)data.Length };
            var message = new msghdr { msg_iov = &part, msg_iovlen = 1 };
            if (!descriptors.IsEmpty)
            {
                var header = (cmsghdr*)control;
                header->cmsg_len = (nuint)(sizeof(cmsghdr) + descriptors.Length * sizeof(int));
                header->cmsg_level = SocketConstants.SOL_SOCKET;
                header->cmsg_type = SocketConstants.SCM_RIGHTS;
                descriptors.CopyTo(new Span<int>(header + 1, descriptors.Length));
                message.msg_control = control;
                message.msg_controllen = (nuint)controlLength;
            }

            nint count;
            do
            {
                count = Libc.sendmsg(socket.Number, &message, SocketConstants.MSG_NOSIGNAL | (wait ? 0 : SocketConstants.MSG_DONTWAIT));
                errno = count < 0 ? Libc.LastErrno : Errno.None;
            }
            while (errno == Errno.EINTR);

            return (int)count;
        }
    }

    /// <summary>recvmsg(2) with descriptors, which the caller owns from then on.</summary>
    /// <returns>Bytes read, 0 at the end; -1 and the reason otherwise.</returns>
    /// <exception cref="LinuxException">EMSGSIZE: more descriptors were sent than could be received (they are closed).</exception>
    public static int TryReceive(Fd socket, Span<byte> buffer, List<Fd> descriptors, out Errno errno, bool wait = false)
    {
        int controlLength = ControlSpace(MaxDescriptors);
        byte* control = stackalloc byte[controlLength];
        fixed (byte* pointer = buffer)
        {
            var part = new iovec { iov_base = pointer, iov_len = (nuint)buffer.Length };
            var message = new msghdr { msg_iov = &part, msg_iovlen = 1, msg_control = control, msg_controllen = (nuint)controlLength };
            nint count;
            do
            {
                count = Libc.recvmsg(socket.Number, &message, SocketConstants.MSG_CMSG_CLOEXEC | (wait ? 0 : SocketConstants.MSG_DONTWAIT));
                errno = count < 0 ? Libc.LastErrno : Errno.None;
            }
            while (errno == Errno.EINTR);

            if (count < 0)
            {
                return -1;
            }

            var header = (cmsghdr*)control;
            if (message.msg_controllen >= (nuint)sizeof(cmsghdr) && header->cmsg_level == SocketConstants.SOL_SOCKET && header->cmsg_type == SocketConstants.SCM_RIGHTS)
            {
                int received = ((int)header->cmsg_len - sizeof(cmsghdr)) / sizeof(int);
                foreach (int fd in new ReadOnlySpan<int>(header + 1, received))
                {
                    descriptors.Add(new Fd(fd));
                }
            }

            if ((message.msg_flags & SocketConstants.MSG_CTRUNC) != 0)
            {
                Libc.Throw("recvmsg(2)", "SCM_RIGHTS", Errno.EMSGSIZE);
            }

            return (int)count;
        }
    }

    private static int ControlSpace(int descriptors) =>
        descriptors == 0 ? 0 : sizeof(cmsghdr) + ((descriptors * sizeof(int) + sizeof(nuint) - 1) & ~(sizeof(nuint) - 1));

    private static sockaddr_un Address(string path)
    {
        sockaddr_un address = default;
        address.sun_family = SocketConstants.AF_UNIX;
        Span<byte> bytes = MemoryMarshal.CreateSpan(ref address.sun_path[0], 107);
        if (!Encoding.UTF8.TryGetBytes(path, bytes, out _))
        {
            Libc.Throw("socket address", path, Errno.ENAMETOOLONG);
        }

        return address;
    }
}
