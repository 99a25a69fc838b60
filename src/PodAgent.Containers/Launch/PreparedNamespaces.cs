using PodAgent.Linux;
using PodAgent.Linux.Processes;

namespace PodAgent.Containers.Launch;

/// <summary>
/// A pod's network, IPC and UTS namespaces, made before it is known whose they will be: a network namespace is the most expensive part of a
/// pod, and a spare supervisor has the time. They exist by these descriptors alone, so they go with their process.
/// </summary>
internal sealed class PreparedNamespaces : IDisposable
{
    private const NamespaceKinds All = NamespaceKinds.Network | NamespaceKinds.Ipc | NamespaceKinds.Uts;
    private static readonly NamespaceKinds[] s_kinds = [NamespaceKinds.Network, NamespaceKinds.Ipc, NamespaceKinds.Uts];

    // In the order of the kinds.
    private readonly Fd?[] _namespaces;

    private PreparedNamespaces(Fd?[] namespaces) => _namespaces = namespaces;

    public Fd Network => _namespaces[0]!;

    /// <summary>Makes them; null when the kernel refuses, which whoever needs them then will be told.</summary>
    public static PreparedNamespaces? TryMake()
    {
        var homes = new Fd?[s_kinds.Length];
        try
        {
            Open(homes);
            Namespaces.Unshare(All);
        }
        catch (LinuxException)
        {
            Close(homes);
            return null;
        }

        var made = new Fd?[s_kinds.Length];
        try
        {
            Open(made);
            return new PreparedNamespaces(made);
        }
        catch (LinuxException)
        {
            Close(made);
            return null;
        }
        finally
        {
            Return(homes);
            Close(homes);
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

    private static void Open(Fd?[] into)
    {
        for (int i = 0; i < s_kinds.Length; i++)
        {
            into[i] = Namespaces.Open(0, s_kinds[i]);
        }
    }

    private static void Return(Fd?[] homes)
    {
        try
        {
            for (int i = 0; i < s_kinds.Length; i++)
            {
                Namespaces.Enter(homes[i]!, s_kinds[i]);
            }
        }
        catch (LinuxException lost)
        {
            // Work for the host in a pod's namespace would be a breach. This process has no pod yet: the next one takes its place.
            Environment.FailFast("a supervisor could not leave the namespaces that it made", lost);
        }
    }

    private static void Close(Fd?[] namespaces)
    {
        foreach (Fd? each in namespaces)
        {
            each?.Dispose();
        }
    }
}
