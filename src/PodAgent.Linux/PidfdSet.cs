using PodAgent.Linux.Native;

namespace PodAgent.Linux;

/// <summary>
/// Descriptors of several processes (pidfd_open(2)), so that they can be killed and waited for without the danger that a number means
/// another process by then. They need not be children.
/// </summary>
public sealed unsafe class PidfdSet : IDisposable
{
    private const int SigKill = 9;

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
            long fd = Libc.pidfdset_open(Libc.SYS_pidfd_open_number, pid, 0);
            if (fd < 0)
            {
                // ESRCH: it ended. EINVAL: the number is that of a thread by now, so the process ended too.
                if (Libc.LastErrno is Errno.ESRCH or Errno.EINVAL or Errno.ENOENT)
                {
                    continue;
                }

                Errno errno = Libc.LastErrno;
                set.Dispose();
                throw new LinuxException("pidfd_open(2)", pid.ToString(System.Globalization.CultureInfo.InvariantCulture), errno);
            }

            var process = new Fd((int)fd);
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
            ControlPoll entry = new() { fd = process.Number, events = ControlFileConstants.POLLIN };
            int ready;
            do
            {
                ready = Libc.control_poll(&entry, 1, ControlFiles.Milliseconds(timeout - time.GetElapsedTime(start)));
            }
            while (ready < 0 && Libc.LastErrno == Errno.EINTR);

            if (ready < 0)
            {
                throw new LinuxException("poll(2)", null, Libc.LastErrno);
            }

            if (ready == 0)
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
            if (Libc.pidfdset_send_signal(Libc.SYS_pidfd_send_signal_number, process.Number, SigKill, 0, 0) < 0
                && Libc.LastErrno != Errno.ESRCH)
            {
                throw new LinuxException("pidfd_send_signal(2)", "SIGKILL", Libc.LastErrno);
            }
        }
    }
}
