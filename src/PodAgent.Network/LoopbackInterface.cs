using PodAgent.Linux;
using PodAgent.Linux.Netlink;
using PodAgent.Linux.Networking;

namespace PodAgent.Network;

/// <summary>The loopback interface of a network namespace.</summary>
public static class LoopbackInterface
{
    // The kernel gives every namespace's loopback interface the first index.
    internal const int Index = 1;

    // Lives as long as the process: starting a thread costs more than the whole call.
    private static readonly Lazy<NetworkNamespaceThread> s_thread = new(() => new NetworkNamespaceThread("loopback"));

    /// <summary>Sets the loopback interface up, which also gives it 127.0.0.1 and ::1. <see cref="BridgeNetwork.AttachAsync"/> has done
    /// so for the sandboxes that it attached; a second time changes nothing.</summary>
    /// <exception cref="LinuxException">The namespace cannot be entered, or the kernel refused.</exception>
    public static void Up(Fd networkNamespace)
    {
        NetworkNamespaceThread thread = s_thread.Value;
        thread.InvokeAsync(() =>
        {
            using RouteSocket socket = thread.Within(networkNamespace, () => new RouteSocket());
            socket.Execute(batch => batch.SetUp(Index));
        }).GetAwaiter().GetResult();
    }
}
