using System.Buffers;
using System.Net.Sockets;

namespace PodAgent.Streaming.PortForwarding;

/// <summary>Carries one forwarded connection both ways until both ends have finished.</summary>
public static class PortRelay
{
    private const int BufferSize = 256 << 10;

    /// <summary>
    /// Each direction ends by itself, as those of a TCP connection do. A connection that breaks simply ends: clients take a text about it
    /// for the end of all their connections.
    /// </summary>
    /// <param name="pod">The pod's end.</param>
    /// <param name="client">The client's end.</param>
    /// <param name="completeClient">Says to the client that nothing more comes.</param>
    /// <param name="cancellationToken">Ends both directions at once: the client gave the connection up, or the pod stops.</param>
    /// <returns>Whether both directions came to their end.</returns>
    public static async Task<bool> RunAsync(
        IPortConnection pod, Stream client, Func<CancellationToken, ValueTask> completeClient, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task toPod = ToPodAsync(client, pod, stop.Token);
        try
        {
            await CopyAsync(pod.Stream, client, stop.Token).ConfigureAwait(false);
            await completeClient(stop.Token).ConfigureAwait(false);

            // The pod may still listen to what the client says last.
            await toPod.ConfigureAwait(false);
            return true;
        }
        catch (Exception broken) when (broken is IOException or SocketException or OperationCanceledException)
        {
            return false;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await toPod.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task ToPodAsync(Stream client, IPortConnection pod, CancellationToken cancellationToken)
    {
        await CopyAsync(client, pod.Stream, cancellationToken).ConfigureAwait(false);
        pod.CompleteSending();
    }

    private static async Task CopyAsync(Stream from, Stream to, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            int count;
            while ((count = await from.ReadAsync(buffer.AsMemory(), cancellationToken).ConfigureAwait(false)) > 0)
            {
                await to.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
