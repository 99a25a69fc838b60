using System.Globalization;

namespace PodAgent.Hosting;

/// <summary>
/// Tells the service manager at half its interval that this process still gets its work done (sd_watchdog_enabled(3)). The word is sent from
/// the thread pool, on which everything else runs too: an agent whose threads are all stuck falls silent and is replaced. Pods do not notice.
/// </summary>
internal sealed class SystemdWatchdog : IDisposable
{
    private readonly ITimer _timer;

    private SystemdWatchdog(TimeSpan interval, TimeProvider time, Action<string> send) =>
        _timer = time.CreateTimer(_ => send("WATCHDOG=1"), null, interval / 2, interval / 2);

    /// <summary>Null where no watchdog is asked for, or one of another process.</summary>
    /// <param name="interval">WATCHDOG_USEC: microseconds between two signs of life.</param>
    /// <param name="processId">WATCHDOG_PID: whom it is meant for; empty: anyone.</param>
    /// <param name="time">The clock.</param>
    /// <param name="send">Gets the message to send.</param>
    public static SystemdWatchdog? Start(string? interval, string? processId, TimeProvider time, Action<string> send)
    {
        bool mine = string.IsNullOrEmpty(processId) || processId == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        return mine && long.TryParse(interval, NumberStyles.None, CultureInfo.InvariantCulture, out long microseconds) && microseconds > 0
            ? new SystemdWatchdog(TimeSpan.FromMicroseconds(microseconds), time, send)
            : null;
    }

    public void Dispose() => _timer.Dispose();
}
