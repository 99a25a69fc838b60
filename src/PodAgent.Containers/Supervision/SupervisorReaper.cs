using System.Runtime.InteropServices;
using PodAgent.Linux;
using PodAgent.Linux.Processes;

namespace PodAgent.Containers.Supervision;

/// <summary>
/// Reaps the supervisors that this process started. Only those, by descriptor: other children belong to whoever started them. Supervisors
/// of an earlier agent are children of the host's init.
/// </summary>
internal static class SupervisorReaper
{
    private static readonly object s_gate = new();
    private static readonly List<Fd> s_children = [];
    private static PosixSignalRegistration? s_registration;

    /// <summary>Takes ownership of a child's pidfd.</summary>
    public static void Watch(Fd pidFd)
    {
        lock (s_gate)
        {
            s_registration ??= PosixSignalRegistration.Create((PosixSignal)SignalNumbers.SIGCHLD, static _ => ReapEnded());
            s_children.Add(pidFd);
        }

        // It may have ended before the signal was listened to.
        ReapEnded();
    }

    private static void ReapEnded()
    {
        lock (s_gate)
        {
            for (int i = s_children.Count - 1; i >= 0; i--)
            {
                if (Children.TryReap(s_children[i], out _))
                {
                    s_children[i].Dispose();
                    s_children.RemoveAt(i);
                }
            }
        }
    }
}
