using PodAgent.Linux;
using PodAgent.Linux.Processes;
using PodAgent.Linux.Sockets;

namespace PodAgent.Containers.Launch;

/// <summary>Clones children from the one forking thread.</summary>
/// <param name="ownPidNamespace">Where the calling thread's children belong by default.</param>
internal sealed class ChildLauncher(Fd ownPidNamespace)
{
    /// <summary>Clones a child, which runs <paramref name="child"/> and must never return from it.</summary>
    /// <param name="created">Namespaces that the child starts in and nobody else is in.</param>
    /// <param name="pidNamespaceOf">A pidfd whose PID namespace the child is born into; null: the caller's.</param>
    /// <param name="cgroups">Where it starts (v2) or puts itself (v1).</param>
    /// <param name="child">The child's code, which gets its end of the <see cref="SetupChannel"/>.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public ClonedChild Start(NamespaceKinds created, Fd? pidNamespaceOf, CgroupMembership cgroups, Action<Fd> child)
    {
        (Fd parentEnd, Fd childEnd) = UnixSockets.MakePair(packets: true);
        using (childEnd)
        {
            try
            {
                (int pid, Fd? pidFd) = Clone(created, pidNamespaceOf, cgroups);
                if (pid == 0)
                {
                    // Its channel has to end with its parent, and the parent's with it.
                    parentEnd.Dispose();
                    child(childEnd);
                    ProcessControl.Exit(127);
                }

                return new ClonedChild(pid, pidFd!, parentEnd);
            }
            catch
            {
                parentEnd.Dispose();
                throw;
            }
        }
    }

    private (int Pid, Fd? PidFd) Clone(NamespaceKinds created, Fd? pidNamespaceOf, CgroupMembership cgroups)
    {
        if (pidNamespaceOf is not null)
        {
            // Concerns only the children of this thread. A namespace whose init has ended takes no more of them: clone3 says ENOMEM.
            Namespaces.Enter(pidNamespaceOf, NamespaceKinds.Pid);
        }

        int pid;
        Fd? pidFd;
        try
        {
            ProcessCloning.SettleRuntime();
            pid = ProcessCloning.Clone(created, cgroups.Unified, out pidFd);
        }
        catch
        {
            Leave(pidNamespaceOf);
            throw;
        }

        if (pid != 0)
        {
            Leave(pidNamespaceOf);
        }

        return (pid, pidFd);
    }

    private void Leave(Fd? entered)
    {
        if (entered is not null)
        {
            Namespaces.Enter(ownPidNamespace, NamespaceKinds.Pid);
        }
    }
}
