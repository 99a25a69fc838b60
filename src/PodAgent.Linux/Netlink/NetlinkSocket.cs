using System.Buffers;
using System.Runtime.InteropServices;
using PodAgent.Linux.Native;

namespace PodAgent.Linux.Netlink;

/// <summary>
/// A netlink socket (netlink(7)). It belongs for good to the network namespace that the opening thread was in, wherever it is used
/// afterwards. Not thread-safe: one conversation at a time.
/// </summary>
public sealed class NetlinkSocket : IDisposable
{
    private const string SocketCall = "socket(2)";

    private readonly Fd _fd;
    // Above what the kernel puts into one datagram of a dump (32 KiB).
    private byte[] _receive = ArrayPool<byte>.Shared.Rent(64 * 1024);

    private NetlinkSocket(Fd fd) => _fd = fd;

    /// <summary>Opens a socket to the kernel's routing family in the calling thread's network namespace.</summary>
    /// <exception cref="LinuxException">The kernel has no such family, or descriptors are used up.</exception>
    public static NetlinkSocket OpenRoute() => new(Open(NetlinkConstants.NETLINK_ROUTE, "NETLINK_ROUTE"));

    /// <summary>Opens a socket to the kernel's netfilter family in the calling thread's network namespace.</summary>
    /// <exception cref="LinuxException">The kernel has no such family, or descriptors are used up.</exception>
    public static NetlinkSocket OpenNetfilter() => new(Open(NetlinkConstants.NETLINK_NETFILTER, "NETLINK_NETFILTER"));

    /// <summary>Sends the batch and waits until every request is answered; returns what the kernel sent besides acknowledgements.</summary>
    /// <exception cref="LinuxException">A request was refused: the first that was, with the kernel's own words where it has some.
    /// Those behind it have been carried out nevertheless, or refused as well.</exception>
    public IReadOnlyList<NetlinkMessage> Execute(NetlinkBatch batch)
    {
        IReadOnlyList<LinuxException> failures = TryExecute(batch, out IReadOnlyList<NetlinkMessage> replies);
        return failures.Count == 0 ? replies : throw failures[0];
    }

    /// <summary>Sends the batch, waits until every request is answered, and returns the refusals.</summary>
    /// <exception cref="LinuxException">The conversation itself failed.</exception>
    public IReadOnlyList<LinuxException> TryExecute(NetlinkBatch batch, out IReadOnlyList<NetlinkMessage> replies)
    {
        Send(batch);
        var messages = new List<NetlinkMessage>();
        var failures = new List<LinuxException>();
        int open = batch.Requests.Count;
        while (open > 0)
        {
            open -= Receive(batch, messages, failures, out _);
        }

        replies = messages;
        return failures;
    }

    /// <summary>Runs a batch of one dump request and returns all messages of a consistent pass.</summary>
    /// <exception cref="LinuxException">The dump was refused, or no pass was left undisturbed.</exception>
    public IReadOnlyList<NetlinkMessage> Dump(Func<NetlinkBatch> request)
    {
        for (int attempt = 0; attempt < 16; attempt++)
        {
            NetlinkBatch batch = request();
            Send(batch);
            var replies = new List<NetlinkMessage>();
            var failures = new List<LinuxException>();
            bool interrupted = false;
            while (Receive(batch, replies, failures, out bool disturbed) == 0)
            {
                interrupted |= disturbed;
            }

            if (failures.Count > 0)
            {
                throw failures[0];
            }

            if (!interrupted)
            {
                return replies;
            }
        }

        NetlinkRequest last = request().Requests[0];
        throw new LinuxException(last.Operation, last.Subject, Errno.EAGAIN);
    }

    /// <summary>Closes the socket.</summary>
    public void Dispose()
    {
        _fd.Dispose();
        if (_receive.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_receive);
            _receive = [];
        }
    }

    private static unsafe Fd Open(int protocol, string name)
    {
        int number = Libc.socket(SocketConstants.AF_NETLINK, SocketConstants.SOCK_RAW | SocketConstants.SOCK_CLOEXEC, protocol);
        if (number < 0)
        {
            throw new LinuxException(SocketCall, name, Libc.LastErrno);
        }

        var fd = new Fd(number);
        int on = 1;
        // Both options are conveniences (error text, short acknowledgements): a kernel without them still answers.
        _ = Libc.setsockopt(number, SocketConstants.SOL_NETLINK, NetlinkConstants.NETLINK_EXT_ACK, &on, sizeof(int));
        _ = Libc.setsockopt(number, SocketConstants.SOL_NETLINK, NetlinkConstants.NETLINK_CAP_ACK, &on, sizeof(int));
        return fd;
    }

    private unsafe void Send(NetlinkBatch batch)
    {
        ReadOnlySpan<byte> bytes = batch.Bytes;
        nint sent;
        fixed (byte* start = bytes)
        {
            do
            {
                sent = Libc.send(_fd.Number, start, (nuint)bytes.Length, 0);
            }
            while (sent < 0 && Libc.LastErrno == Errno.EINTR);
        }

        if (sent != bytes.Length)
        {
            throw new LinuxException("send(2)", batch.Requests[0].Operation, sent < 0 ? Libc.LastErrno : Errno.EMSGSIZE);
        }
    }

    // Reads one datagram; returns how many requests of the batch it concludes.
    private unsafe int Receive(NetlinkBatch batch, List<NetlinkMessage> replies, List<LinuxException> failures, out bool interrupted)
    {
        nint received;
        fixed (byte* start = _receive)
        {
            do
            {
                received = Libc.recv(_fd.Number, start, (nuint)_receive.Length, 0);
            }
            while (received < 0 && Libc.LastErrno == Errno.EINTR);
        }

        if (received < 0)
        {
            throw new LinuxException("recv(2)", batch.Requests[0].Operation, Libc.LastErrno);
        }

        return NetlinkAnswers.Read(_receive.AsSpan(0, (int)received), batch.Requests, replies, failures, out interrupted);
    }
}
