using PodAgent.Linux.Events;

namespace PodAgent.Linux.Processes;

/// <summary>
/// Descriptors of several processes (pidfd_open(2)), so that they can be killed and waited for without the danger that a number means
/// another process by then. They need not be children.
/// </summary>
public sealed class PidfdSet : IDisposable
{
    // Bounds the descriptors that are open at the same time.
    private const int MaxHeld = 256;

    private readonly List<Fd> _processes = [];

    private PidfdSet()
    {
    }

    /// <summary>How many of the processes still existed.</summary>
    public int Count => _processes.Count;

    /// <summary>
    /// Sends SIGKILL to every process that still exists, and gives back the last of them, at most 256, to be waited for: a caller lists what is
    /// left afterwards and comes again. Numbers that <paramref name="stillMeant"/> denies once their descriptor is open are passed over:
    /// they were given to another process in the meantime.
    /// </summary>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    public static PidfdSet Kill(IEnumerable<int> pids, Func<int, bool> stillMeant)
    {
        var last = new PidfdSet();
        foreach (int[] some in pids.Chunk(MaxHeld))
        {
            last.Dispose();
            last = Open(some, stillMeant);
            try
            {
                last.Kill();
            }
            catch
            {
                last.Dispose();
                throw;
            }
        }

        return last;
    }

    private static PidfdSet Open(int[] pids, Func<int, bool> stillMeant)
    {
        var set = new PidfdSet();
        foreach (int pid in pids)
        {
            Fd? process;
            try
            {
                process = PidFds.TryOpen(pid);
            }
            catch
            {
                set.Dispose();
                throw;
            }

            if (process is null)
            {
                continue;
            }

            if (!stillMeant(pid))
            {
                process.Dispose();
                continue;
            }

            set._processes.Add(process);
        }

        return set;
    }

    /// <summary>Waits until every process of the set has ended; false when the time is over first.</summary>
    /// <exception cref="LinuxException">poll(2) failed.</exception>
    public bool WaitAll(TimeSpan timeout, TimeProvider time)
    {
        long start = time.GetTimestamp();
        foreach (Fd process in _processes)
        {
            if (Polling.Wait(process, EventKinds.Readable, timeout - time.GetElapsedTime(start)) == EventKinds.None)
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Fd process in _processes)
        {
            process.Dispose();
        }

        _processes.Clear();
    }

    private void Kill()
    {
        foreach (Fd process in _processes)
        {
            PidFds.Signal(process, SignalNumbers.SIGKILL);
        }
    }
}
