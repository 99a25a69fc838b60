using PodAgent.Linux.Native;

namespace PodAgent.Linux.Events;

/// <summary>Signals as readable events (signalfd(2)). Every thread of the process must block them.</summary>
public static unsafe class SignalDescriptor
{
    private const int RecordSize = 128;

    /// <summary>A non-blocking descriptor for the signals of a set.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static Fd Open(ulong mask)
    {
        ulong* set = stackalloc ulong[16];
        new Span<ulong>(set, 16).Clear();
        set[0] = mask;
        return new Fd(Libc.Check(Libc.signalfd(-1, set, EventConstants.SFD_CLOEXEC | EventConstants.SFD_NONBLOCK), "signalfd(2)"));
    }

    /// <summary>Takes one pending signal; 0 when there is none. Several equal signals may have become one.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static int Read(Fd descriptor)
    {
        byte* record = stackalloc byte[RecordSize];
        nint count = Libc.read(descriptor.Number, record, RecordSize);
        if (count == RecordSize)
        {
            return (int)*(uint*)record;
        }

        Errno errno = Libc.LastErrno;
        if (errno is not (Errno.EAGAIN or Errno.EINTR))
        {
            Libc.Throw("read(2)", "signalfd", errno);
        }

        return 0;
    }
}
