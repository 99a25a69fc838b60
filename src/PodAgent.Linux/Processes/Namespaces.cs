using PodAgent.Linux.Files;
using PodAgent.Linux.Native;

namespace PodAgent.Linux.Processes;

/// <summary>Joining and leaving namespaces. All of it concerns the calling thread only.</summary>
public static class Namespaces
{
    /// <summary>setns(2).</summary>
    /// <param name="target">A namespace file, or (Linux 5.8) a pidfd, of whose process all <paramref name="kinds"/> are joined at once.</param>
    /// <param name="kinds">What to join; required for a pidfd.</param>
    /// <param name="subject">What to name in the error.</param>
    /// <exception cref="LinuxException">The kernel refused; ESRCH: the process of the pidfd is gone.</exception>
    public static void Enter(Fd target, NamespaceKinds kinds, string? subject = null)
    {
        // The kinds' names only for a refusal: spelling an enumeration out costs a cloned child, which has to learn it anew each time, more
        // than the call.
        if (Libc.setns(target.Number, (int)kinds) < 0)
        {
            Libc.Throw("setns(2)", subject ?? kinds.ToString(), Libc.LastErrno);
        }
    }

    /// <summary>unshare(2).</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Unshare(NamespaceKinds kinds)
    {
        if (Libc.unshare((int)kinds) < 0)
        {
            Libc.Throw("unshare(2)", kinds.ToString(), Libc.LastErrno);
        }
    }

    /// <summary>Opens a namespace of a process, which keeps it alive.</summary>
    /// <param name="pid">Process ID as the caller's /proc shows it; 0: the calling thread's own.</param>
    /// <param name="kind">One kind.</param>
    /// <exception cref="LinuxException">The process is gone (ENOENT, ESRCH) or may not be looked at.</exception>
    public static Fd Open(int pid, NamespaceKinds kind) => FileTree.Open(PathOf(pid, kind), OpenFlags.ReadOnly);

    /// <summary>The magic link of a namespace: <c>/proc/42/ns/net</c>.</summary>
    public static string PathOf(int pid, NamespaceKinds kind)
    {
        string name = kind switch
        {
            NamespaceKinds.Mount => "mnt",
            NamespaceKinds.Cgroup => "cgroup",
            NamespaceKinds.Uts => "uts",
            NamespaceKinds.Ipc => "ipc",
            NamespaceKinds.User => "user",
            NamespaceKinds.Pid => "pid",
            NamespaceKinds.Network => "net",
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "exactly one kind of namespace"),
        };
        return pid == 0 ? $"/proc/thread-self/ns/{name}" : $"/proc/{pid}/ns/{name}";
    }
}
