using PodAgent.Linux;
using PodAgent.Linux.Processes;

namespace PodAgent.Containers.Launch;

/// <summary>
/// A pod's network, IPC and UTS namespaces, made before it is known whose they will be: a network namespace is the most expensive part of a
/// pod, and a spare supervisor has the time. They are those of a pause process that was cloned ahead, and held by these descriptors, so that a
/// pod for which that process does not fit can have them too.
/// </summary>
internal sealed class PreparedNamespaces : IDisposable
{
    /// <summary>The kinds that are made ahead.</summary>
    public const NamespaceKinds All = NamespaceKinds.Network | NamespaceKinds.Ipc | NamespaceKinds.Uts;
    private static readonly NamespaceKinds[] s_kinds = [NamespaceKinds.Network, NamespaceKinds.Ipc, NamespaceKinds.Uts];

    // In the order of the kinds.
    private readonly Fd?[] _namespaces;

    private PreparedNamespaces(Fd?[] namespaces) => _namespaces = namespaces;

    public Fd Network => _namespaces[0]!;

    /// <summary>Those of a process; null when they cannot be opened.</summary>
    public static PreparedNamespaces? TryOpen(int pid)
    {
        var opened = new Fd?[s_kinds.Length];
        try
        {
            for (int i = 0; i < s_kinds.Length; i++)
            {
                opened[i] = Namespaces.Open(pid, s_kinds[i]);
            }

            return new PreparedNamespaces(opened);
        }
        catch (LinuxException)
        {
            Close(opened);
            return null;
        }
    }

    /// <summary>Which of the kinds that a pod needs are here.</summary>
    public static NamespaceKinds Among(NamespaceKinds wanted) => wanted & All;

    /// <summary>In the child: joins the given kinds.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Enter(NamespaceKinds kinds)
    {
        for (int i = 0; i < s_kinds.Length; i++)
        {
            if ((kinds & s_kinds[i]) != 0)
            {
                Namespaces.Enter(_namespaces[i]!, s_kinds[i]);
            }
        }
    }

    public void Dispose() => Close(_namespaces);

    private static void Close(Fd?[] namespaces)
    {
        foreach (Fd? each in namespaces)
        {
            each?.Dispose();
        }
    }
}
