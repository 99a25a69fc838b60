using Google.Protobuf;
using PodAgent.Containers.Protocol;
using PodAgent.Linux;
using PodAgent.Linux.Sockets;

namespace PodAgent.Containers.Launch;

/// <summary>
/// What a cloned child tells its parent before it executes the workload: one packet per report, the first byte says which. Both ends are
/// close-on-exec, so a successful execve shows as the end of the channel.
/// </summary>
/// <remarks>
/// <code>
/// child                         parent
///                    &lt;-------  Go (pause with a user namespace, once its maps are written)
///   Terminal + leader  ------->   (containers with a terminal)
///   Ready              ------->   about to execve, or to wait (pause)
///   end of channel     ------->   execve has succeeded; without Ready before it: the child was killed
///   or Failure         ------->   the step that failed; the child ends
/// </code>
/// </remarks>
internal static class SetupChannel
{
    // Larger than any Failure: the child cuts its message.
    public const int MaxPacket = 8192;
    private const int MaxText = 2048;

    public static void SendReady(Fd channel) => Send(channel, [(byte)SetupReport.Ready], []);

    /// <summary>Tells a child that waits for its user namespace's maps that they are written.</summary>
    public static void SendGo(Fd channel) => Send(channel, [(byte)SetupReport.Ready], []);

    /// <summary>Waits until the parent has written the maps of the user namespace that this process was cloned into.</summary>
    public static void AwaitGo(Fd channel)
    {
        Span<byte> packet = stackalloc byte[1];
        int length = UnixSockets.TryReceive(channel, packet, [], out Errno errno, wait: true);
        if (length <= 0)
        {
            throw new LinuxException("recvmsg(2)", "set-up channel", length < 0 ? errno : Errno.EPIPE);
        }
    }

    public static void SendTerminal(Fd channel, Fd leader) => Send(channel, [(byte)SetupReport.Terminal], [leader.Number]);

    public static void SendFailure(Fd channel, Failure failure)
    {
        failure.Message = Cut(failure.Message);
        failure.Subject = Cut(failure.Subject);
        Send(channel, [(byte)SetupReport.Failure, .. failure.ToByteArray()], []);
    }

    private static void Send(Fd channel, ReadOnlySpan<byte> packet, ReadOnlySpan<int> descriptors)
    {
        if (UnixSockets.TrySend(channel, packet, descriptors, out Errno errno, wait: true) < 0)
        {
            throw new LinuxException("sendmsg(2)", "set-up channel", errno);
        }
    }

    private static string Cut(string text) => text.Length <= MaxText ? text : text[..MaxText];
}
