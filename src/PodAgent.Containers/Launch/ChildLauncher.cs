using PodAgent.Linux;
using PodAgent.Linux.Processes;

namespace PodAgent.Containers.Launch;

/// <summary>Clones children from the one forking thread.</summary>
/// <param name="ownPidNamespace">Where the calling thread's children belong by default.</param>
internal sealed class ChildLauncher(Fd ownPidNamespace)
{
    /// <summary>Clones a child, which runs <paramref name="child"/> and must never return from it.</summary>
    /// <param name="created">Namespaces that the child starts in and nobody else is in.</param>
    /// <param name="pidNamespaceOf">A pidfd whose PID namespace the child is born into; null: the caller's.</param>
    /// <param name="cgroups">Where it starts (v2) or puts itself (v1).</param>
    /// <param name="child">The child's code.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public (int Pid, Fd PidFd) Start(NamespaceKinds created, Fd? pidNamespaceOf, CgroupMembership cgroups, Action child)
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

        if (pid == 0)
        {
            child();
            ProcessControl.Exit(127);
        }

        Leave(pidNamespaceOf);
        return (pid, pidFd!);
    }

    private void Leave(Fd? entered)
    {
        if (entered is not null)
        {
            Namespaces.Enter(ownPidNamespace, NamespaceKinds.Pid);
        }
    }
}
