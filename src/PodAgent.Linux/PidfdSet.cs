using PodAgent.Linux.Native;

namespace PodAgent.Linux;

/// <summary>
/// Descriptors of several processes (pidfd_open(2)), so that they can be killed and waited for without the danger that a number means
/// another process by then. They need not be children.
/// </summary>
public sealed unsafe class PidfdSet : IDisposable
{
    private const int SigKill = 9;

    // Bounds the descriptors that one wait holds; the caller lists what is left and comes again.
    private const int MaxHeld = 256;

    private readonly List<Fd> _processes = [];

    private PidfdSet()
    {
    }

    /// <summary>How many of the processes still existed.</summary>
    public int Count => _processes.Count;

    /// <summary>Opens the processes that still exist, at most 256 of them. Numbers that <paramref name="stillMeant"/> denies after the
    /// descriptor is open are left out: the number was given to another process in the meantime.</summary>
    /// <exception cref="LinuxException">The kernel refuses a descriptor.</exception>
    public static PidfdSet Open(IEnumerable<int> pids, Func<int, bool>? stillMeant = null)
    {
        var set = new PidfdSet();
        foreach (int pid in pids)
        {
            if (set._processes.Count == MaxHeld)
            {
                break;
            }

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
            if (stillMeant is not null && !stillMeant(pid))
            {
                process.Dispose();
                continue;
            }

            set._processes.Add(process);
        }

        return set;
    }

    /// <summary>Sends SIGKILL to every process of the set that still exists.</summary>
    /// <exception cref="LinuxException">The kernel refuses for another reason than that the process has ended.</exception>
    public void Kill()
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
}
