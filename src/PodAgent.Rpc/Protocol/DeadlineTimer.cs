namespace PodAgent.Rpc.Protocol;

/// <summary>Timers for deadlines of any distance.</summary>
internal static class DeadlineTimer
{
    /// <summary>What a timer can wait for at most is 2^32 - 2 ms; one day is well below.</summary>
    private static readonly TimeSpan s_longestWait = TimeSpan.FromDays(1);

    /// <summary>Calls back once, when the deadline has passed.</summary>
    internal static ITimer Start(TimeProvider time, DateTime deadline, Action expired)
    {
        var state = new State(time, deadline, expired);
        state.Timer = time.CreateTimer(static s => ((State)s!).Tick(), state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        state.Arm();
        return state.Timer;
    }

    /// <summary>How long until the deadline, never negative.</summary>
    internal static TimeSpan Remaining(TimeProvider time, DateTime deadline)
    {
        TimeSpan remaining = deadline - time.GetUtcNow().UtcDateTime;
        return remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero;
    }

    private sealed class State(TimeProvider time, DateTime deadline, Action expired)
    {
        internal ITimer Timer { get; set; } = null!;

        internal void Arm()
        {
            TimeSpan remaining = Remaining(time, deadline);

            // Timers count whole milliseconds and may come a little early against the clock: round up.
            TimeSpan wait = remaining > s_longestWait
                ? s_longestWait
                : TimeSpan.FromMilliseconds(Math.Ceiling(remaining.TotalMilliseconds));
            Timer.Change(wait, Timeout.InfiniteTimeSpan);
        }

        internal void Tick()
        {
            if (Remaining(time, deadline) > TimeSpan.Zero)
            {
                Arm();
            }
            else
            {
                expired();
            }
        }
    }
}
