using PodAgent.Linux.Native;

namespace PodAgent.Linux.Networking;

/// <summary>Network namespaces as descriptors (network_namespaces(7)).</summary>
public static class NetworkNamespaces
{
    /// <summary>The calling thread's network namespace.</summary>
    /// <exception cref="LinuxException">It cannot be opened.</exception>
    public static Fd OpenCurrent() => Open("/proc/thread-self/ns/net");

    /// <summary>The network namespace of a process.</summary>
    /// <exception cref="LinuxException">There is no such process, or it may not be looked at.</exception>
    public static Fd OpenOf(int pid) => Open($"/proc/{pid}/ns/net");

    /// <summary>Makes a new, empty network namespace that lives as long as the descriptor, or longer where something joins it.</summary>
    /// <exception cref="LinuxException">CAP_SYS_ADMIN is missing, or the limit of namespaces is reached.</exception>
    public static Fd Create()
    {
        using var thread = new NetworkNamespaceThread("netns-create");
        return thread.InvokeAsync(() =>
        {
            // The thread ends with the namespace: nothing else ever runs on it.
            if (Libc.netns_unshare(NetworkNamespaceConstants.CLONE_NEWNET) != 0)
            {
                throw new LinuxException("unshare(2)", "net", Libc.LastErrno);
            }

            return OpenCurrent();
        }).GetAwaiter().GetResult();
    }

    private static Fd Open(string path)
    {
        int number;
        do
        {
            number = Libc.netns_open(path, NetworkNamespaceConstants.O_RDONLY | NetworkNamespaceConstants.O_CLOEXEC);
        }
        while (number < 0 && Libc.LastErrno == Errno.EINTR);
        return number >= 0 ? new Fd(number) : throw new LinuxException("open(2)", path, Libc.LastErrno);
    }
}
