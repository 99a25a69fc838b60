using System.Net.Sockets;
using Google.Protobuf;
using Grpc.Core;
using PodAgent.Api.V1;

namespace PodAgent.Cli.Forwarding;

/// <summary>Carries one accepted connection to the pod and back; each direction ends by itself.</summary>
internal static class ForwardedConnection
{
    private const int BufferSize = 64 << 10;

    /// <exception cref="RpcException">The pod refuses, or the agent has gone.</exception>
    public static async Task RunAsync(ContainerStreamService.ContainerStreamServiceClient agent, ForwardStart start, Socket client, CancellationToken cancel)
    {
        client.NoDelay = true;
        await using var local = new NetworkStream(client, ownsSocket: false);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var call = agent.PortForward(cancellationToken: stop.Token);
        await call.RequestStream.WriteAsync(new ForwardRequest { Start = start }, stop.Token);
        Task sending = Task.CompletedTask;
        try
        {
            while (await call.ResponseStream.MoveNext(stop.Token))
            {
                ForwardResponse response = call.ResponseStream.Current;
                switch (response.ResponseCase)
                {
                    case ForwardResponse.ResponseOneofCase.None:
                        sending = SendAsync(local, call.RequestStream, stop);
                        break;
                    case ForwardResponse.ResponseOneofCase.Data:
                        await local.WriteAsync(response.Data.Memory, stop.Token);
                        break;
                    case ForwardResponse.ResponseOneofCase.End:
                        client.Shutdown(SocketShutdown.Send);
                        break;
                }
            }
        }
        catch (Exception broken) when (broken is IOException or SocketException || (stop.IsCancellationRequested && !cancel.IsCancellationRequested))
        {
            // The local end is gone: nobody wants the rest.
        }
        finally
        {
            await stop.CancelAsync();
            await sending;
        }
    }

    private static async Task SendAsync(NetworkStream local, IClientStreamWriter<ForwardRequest> requests, CancellationTokenSource stop)
    {
        byte[] buffer = new byte[BufferSize];
        try
        {
            int count;
            while ((count = await local.ReadAsync(buffer, stop.Token)) > 0)
            {
                await requests.WriteAsync(new ForwardRequest { Data = ByteString.CopyFrom(buffer, 0, count) }, stop.Token);
            }

            await requests.CompleteAsync();
        }
        catch (IOException)
        {
            // Reset by who connected: the pod may have nothing to say by which the other direction would notice.
            await stop.CancelAsync();
        }
        catch (Exception ended) when (ended is RpcException or InvalidOperationException or OperationCanceledException)
        {
            // The call has ended; the other direction tells how.
        }
    }
}
