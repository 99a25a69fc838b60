using PodAgent.Linux.Native;

namespace PodAgent.Linux.Events;

/// <summary>eventfd(2).</summary>
public static unsafe class EventCounter
{
    /// <summary>A non-blocking counter that starts at zero.</summary>
    /// <exception cref="LinuxException">EMFILE, ENFILE.</exception>
    public static Fd Open() => new(Libc.Check(Libc.eventfd(0, EventConstants.EFD_CLOEXEC | EventConstants.EFD_NONBLOCK), "eventfd(2)"));

    /// <summary>Takes the counter's value and sets it to zero; 0 when it was zero.</summary>
    public static ulong Take(Fd counter)
    {
        ulong value = 0;
        return Libc.read(counter.Number, (byte*)&value, sizeof(ulong)) == sizeof(ulong) ? value : 0;
    }

    /// <summary>Adds one.</summary>
    public static void Signal(Fd counter)
    {
        ulong value = 1;
        _ = Libc.write(counter.Number, (byte*)&value, sizeof(ulong));
    }
}
