using PodAgent.Linux.Native;

namespace PodAgent.Linux.Events;

/// <summary>poll(2).</summary>
public static unsafe class Polling
{
    /// <summary>Waits for one descriptor.</summary>
    /// <param name="file">What to wait for; a pidfd becomes readable when its process ends.</param>
    /// <param name="kinds"><see cref="EventKinds.Readable"/>, <see cref="EventKinds.Writable"/>, <see cref="EventKinds.Priority"/>.</param>
    /// <param name="milliseconds">The longest wait, signals or not; -1: for ever.</param>
    /// <returns>What it is ready for; <see cref="EventKinds.None"/>: the time is over.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static EventKinds Wait(Fd file, EventKinds kinds, int milliseconds)
    {
        var description = new pollfd { fd = file.Number, events = (short)kinds };
        long end = Environment.TickCount64 + milliseconds;
        int count;
        while ((count = Libc.poll(&description, 1, milliseconds)) < 0 && Libc.LastErrno == Errno.EINTR)
        {
            milliseconds = milliseconds < 0 ? -1 : (int)Math.Max(0, end - Environment.TickCount64);
        }

        Libc.Check(count, "poll(2)", file.ToString());
        return (EventKinds)(uint)(ushort)description.revents;
    }

    /// <summary>As <see cref="Wait(Fd, EventKinds, int)"/>; no wait at all for a time that is over.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static EventKinds Wait(Fd file, EventKinds kinds, TimeSpan timeout) => Wait(file, kinds, Milliseconds(timeout));

    internal static int Milliseconds(TimeSpan timeout) =>
        timeout <= TimeSpan.Zero ? 0 : (int)Math.Min(int.MaxValue, Math.Ceiling(timeout.TotalMilliseconds));
}
