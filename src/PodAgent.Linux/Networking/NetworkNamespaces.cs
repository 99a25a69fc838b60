using PodAgent.Linux.Processes;

namespace PodAgent.Linux.Networking;

/// <summary>Network namespaces as descriptors (network_namespaces(7)).</summary>
public static class NetworkNamespaces
{
    /// <summary>The calling thread's network namespace.</summary>
    /// <exception cref="LinuxException">It cannot be opened.</exception>
    public static Fd OpenCurrent() => Namespaces.Open(0, NamespaceKinds.Network);

    /// <summary>The network namespace of a process.</summary>
    /// <exception cref="LinuxException">There is no such process, or it may not be looked at.</exception>
    public static Fd OpenOf(int pid) => Namespaces.Open(pid, NamespaceKinds.Network);

    /// <summary>Makes a new, empty network namespace that lives as long as the descriptor, or longer where something joins it.</summary>
    /// <exception cref="LinuxException">CAP_SYS_ADMIN is missing, or the limit of namespaces is reached.</exception>
    public static Fd Create()
    {
        using var thread = new NetworkNamespaceThread("netns-create");
        return thread.InvokeAsync(() =>
        {
            // The thread ends with the namespace: nothing else ever runs on it.
            Namespaces.Unshare(NamespaceKinds.Network);
            return OpenCurrent();
        }).GetAwaiter().GetResult();
    }
}
