using System.Buffers.Binary;
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
///                    &lt;-------  order (a child cloned ahead: what it is for)
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

    // What a socket takes at once, with room to spare.
    private const int MaxOrder = 64 << 10;
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

    /// <summary>Tells a child that was cloned ahead what it is for.</summary>
    /// <returns>False: it cannot be told, because it has ended or the order is too large.</returns>
    public static bool TrySendOrder(Fd channel, IMessage order, ReadOnlySpan<int> descriptors)
    {
        byte[] content = order.ToByteArray();
        if (content.Length is 0 or > MaxOrder || descriptors.Length > UnixSockets.MaxDescriptors)
        {
            return false;
        }

        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, content.Length);
        return UnixSockets.TrySend(channel, length, descriptors, out _) > 0 && UnixSockets.TrySend(channel, content, [], out _) > 0;
    }

    /// <summary>In the child: waits for <see cref="TrySendOrder"/>.</summary>
    /// <param name="channel">The child's end.</param>
    /// <param name="descriptors">Takes what came along.</param>
    /// <exception cref="LinuxException">EPIPE: nobody will give one any more.</exception>
    public static byte[] AwaitOrder(Fd channel, List<Fd> descriptors)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        Receive(channel, length, descriptors);
        byte[] content = new byte[BinaryPrimitives.ReadInt32LittleEndian(length)];
        Receive(channel, content, descriptors);
        return content;
    }

    public static void SendTerminal(Fd channel, Fd leader) => Send(channel, [(byte)SetupReport.Terminal], [leader.Number]);

    public static void SendFailure(Fd channel, Failure failure)
    {
        failure.Message = Cut(failure.Message);
        failure.Subject = Cut(failure.Subject);
        Send(channel, [(byte)SetupReport.Failure, .. failure.ToByteArray()], []);
    }

    private static void Receive(Fd channel, Span<byte> packet, List<Fd> descriptors)
    {
        int received = UnixSockets.TryReceive(channel, packet, descriptors, out Errno errno, wait: true);
        if (received != packet.Length)
        {
            throw new LinuxException("recvmsg(2)", "set-up channel", received < 0 ? errno : Errno.EPIPE);
        }
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
