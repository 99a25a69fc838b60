using PodAgent.Linux.Native;

namespace PodAgent.Linux.Systemd;

/// <summary>
/// A connection to the service manager: its own socket, on which no bus daemon is involved, else the system bus. One call at a time; the
/// owner serialises. After a <see cref="ConnectionLostException"/> it is of no use any more.
/// </summary>
internal sealed class SystemdConnection : IDisposable
{
    public const string PrivateSocket = "/run/systemd/private";
    public const string Service = "org.freedesktop.systemd1";

    private readonly TimeProvider _time;
    private readonly nint _bus;

    private SystemdConnection(nint bus, TimeProvider time) => (_bus, _time) = (bus, time);

    /// <summary>Connects.</summary>
    /// <param name="socket">The manager's own socket; where it does not exist, the system bus is used.</param>
    /// <param name="time">For limits of time.</param>
    /// <exception cref="AgentException">FailedPrecondition: the library is missing; Unavailable: the manager does not answer.</exception>
    public static SystemdConnection Open(string socket, TimeProvider time)
    {
        try
        {
            return File.Exists(socket) ? OpenPrivate(socket, time) : OpenSystem(socket, time);
        }
        catch (DllNotFoundException e)
        {
            throw new AgentException(ErrorKind.FailedPrecondition, "cannot reach systemd: libsystemd.so.0 is not on this host (Debian package libsystemd0)", e);
        }
    }

    public BusMessage NewCall(string path, string interfaceName, string member) => BusMessage.MethodCall(_bus, Service, path, interfaceName, member);

    /// <summary>Sends a message and waits for its answer, which may be an error.</summary>
    /// <exception cref="ConnectionLostException">The peer is gone.</exception>
    /// <exception cref="AgentException">DeadlineExceeded.</exception>
    public BusMessage Call(BusMessage request, TimeSpan limit)
    {
        Check(LibSystemd.sd_bus_send(_bus, request.Pointer, out ulong cookie));
        return WaitFor(message => message.Answers(cookie), limit, "systemd does not answer");
    }

    /// <summary>Waits for a message; others are passed over.</summary>
    /// <exception cref="ConnectionLostException">The peer is gone.</exception>
    /// <exception cref="AgentException">DeadlineExceeded.</exception>
    public BusMessage WaitFor(Func<BusMessage, bool> wanted, TimeSpan limit, string silence)
    {
        long start = _time.GetTimestamp();
        while (true)
        {
            int processed = Check(LibSystemd.sd_bus_process(_bus, out nint received));
            if (received != 0)
            {
                BusMessage message = BusMessage.Received(received);
                if (wanted(message))
                {
                    return message;
                }

                message.Dispose();
            }

            if (processed > 0)
            {
                continue;
            }

            TimeSpan left = limit - _time.GetElapsedTime(start);
            if (left <= TimeSpan.Zero)
            {
                throw new AgentException(ErrorKind.DeadlineExceeded, FormattableString.Invariant($"{silence} within {limit.TotalSeconds} s"));
            }

            int waited = LibSystemd.sd_bus_wait(_bus, (ulong)left.TotalMicroseconds);
            if (waited != -(int)Errno.EINTR)
            {
                Check(waited);
            }
        }
    }

    public void Dispose() => LibSystemd.sd_bus_close_unref(_bus);

    private static SystemdConnection OpenPrivate(string socket, TimeProvider time)
    {
        Require(LibSystemd.sd_bus_new(out nint bus), socket);
        try
        {
            Require(LibSystemd.sd_bus_set_address(bus, "unix:path=" + socket), socket);
            Require(LibSystemd.sd_bus_start(bus), socket);
            return new SystemdConnection(bus, time);
        }
        catch
        {
            LibSystemd.sd_bus_close_unref(bus);
            throw;
        }
    }

    private static SystemdConnection OpenSystem(string socket, TimeProvider time)
    {
        Require(LibSystemd.sd_bus_open_system(out nint bus), $"there is no {socket}, and on the system bus");
        var connection = new SystemdConnection(bus, time);
        try
        {
            using BusMessage match = BusMessage.MethodCall(bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "AddMatch")
                .Append($"type='signal',sender='{Service}',interface='{Service}.Manager',member='JobRemoved'");
            connection.Call(match, TimeSpan.FromSeconds(30)).Dispose();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static void Require(int result, string where)
    {
        if (result < 0)
        {
            throw new AgentException(ErrorKind.Unavailable, $"cannot reach systemd: {where}: {((Errno)(-result)).Describe()}");
        }
    }

    private static int Check(int result) => result >= 0 ? result : throw new ConnectionLostException((Errno)(-result));
}
