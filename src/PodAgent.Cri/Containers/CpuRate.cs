namespace PodAgent.Cri.Containers;

/// <summary>
/// Processor time per second of one control group, from two readings of its total. Clients that read often share a rate, so that
/// it is never measured over less than a second.
/// </summary>
internal sealed class CpuRate
{
    private const long Second = 1_000_000_000;

    private readonly Lock _gate = new();
    private (long At, ulong Total)? _last;
    private ulong? _rate;

    /// <summary>Takes a reading and returns the rate in nanoseconds per second; null before the second reading.</summary>
    public ulong? Update(long timestamp, ulong totalNanoseconds)
    {
        lock (_gate)
        {
            if (_last is not { } last || totalNanoseconds < last.Total)
            {
                // The first reading, or the group was made anew.
                _last = (timestamp, totalNanoseconds);
                _rate = null;
            }
            else if (timestamp - last.At >= Second)
            {
                _rate = (ulong)((UInt128)(totalNanoseconds - last.Total) * Second / (ulong)(timestamp - last.At));
                _last = (timestamp, totalNanoseconds);
            }

            return _rate;
        }
    }
}
