using PodAgent.Linux.Processes;

namespace PodAgent.Hosting;

/// <summary>
/// Gives memory back when the agent has come to rest after work. The collector and the C library keep what the busiest moment needed, in case
/// it comes again, and the kernel keeps every page of the program mapped that was ever used; an agent works for moments and waits for hours.
/// While there is work, nothing happens.
/// </summary>
internal sealed class IdleMemory : IAsyncDisposable
{
    // Two looks with next to nothing allocated in between are rest; a collection of this heap takes milliseconds then.
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(2);
    private const long AtRest = 512 << 10;
    private const long WorthIt = 2 << 20;

    private readonly ITimer _timer;
    private long _seen;
    private long _returned;

    public IdleMemory(TimeProvider time)
    {
        _seen = GC.GetTotalAllocatedBytes();
        _returned = _seen;
        _timer = time.CreateTimer(_ => Look(), null, s_period, s_period);
    }

    /// <summary>Gives back at once.</summary>
    public static void Return()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        NativeHeap.ReturnFreePages();
        ProgramPages.Return();
    }

    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    private void Look()
    {
        long now = GC.GetTotalAllocatedBytes();
        if (now - _seen < AtRest && now - _returned > WorthIt)
        {
            Return();
            _returned = now;
        }

        _seen = now;
    }
}
