using PodAgent.Linux.Native;

namespace PodAgent.Linux.Events;

/// <summary>poll(2).</summary>
public static unsafe class Polling
{
    /// <summary>Waits for one descriptor.</summary>
    /// <param name="file">What to wait for; a pidfd becomes readable when its process ends.</param>
    /// <param name="kinds"><see cref="EventKinds.Readable"/>, <see cref="EventKinds.Writable"/>.</param>
    /// <param name="milliseconds">The longest wait; -1: for ever. A signal starts it again.</param>
    /// <returns>What it is ready for; <see cref="EventKinds.None"/>: the time is over.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static EventKinds Wait(Fd file, EventKinds kinds, int milliseconds)
    {
        var description = new pollfd { fd = file.Number, events = (short)kinds };
        int count;
        do
        {
            count = Libc.poll(&description, 1, milliseconds);
        }
        while (count < 0 && Libc.LastErrno == Errno.EINTR);

        Libc.Check(count, "poll(2)", file.ToString());
        return (EventKinds)(uint)(ushort)description.revents;
    }
}
