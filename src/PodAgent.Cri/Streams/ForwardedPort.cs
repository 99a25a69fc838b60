using Grpc.Core;
using PodAgent.Api.V1;
using PodAgent.Linux;
using PodAgent.Streaming.PortForwarding;

namespace PodAgent.Cri.Streams;

/// <summary>One forwarded connection over a gRPC call.</summary>
internal sealed class ForwardedPort(CriContext runtime)
{
    public async Task RunAsync(
        ForwardStart start, IAsyncStreamReader<ForwardRequest> requests, IServerStreamWriter<ForwardResponse> responses, CancellationToken cancellationToken)
    {
        if (start.Port is 0 or > ushort.MaxValue)
        {
            throw new AgentException(ErrorKind.InvalidArgument, $"port {start.Port} is not between 1 and 65535");
        }

        var ports = new SandboxPorts(runtime, start.PodSandboxId);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using IPortConnection pod = await ConnectAsync(ports, (int)start.Port, stop.Token).ConfigureAwait(false);

        // An empty message: connected.
        await responses.WriteAsync(new ForwardResponse(), stop.Token).ConfigureAwait(false);
        await using var client = new ForwardCallStream(requests, responses);
        Task<bool> relay = PortRelay.RunAsync(pod, client, client.CompleteAsync, stop.Token);
        if (await Task.WhenAny(relay, ports.Ended).ConfigureAwait(false) != relay)
        {
            await stop.CancelAsync().ConfigureAwait(false);
        }

        if (!await relay.ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new AgentException(ErrorKind.Unavailable, $"the connection to port {start.Port} broke");
        }
    }

    private static async Task<IPortConnection> ConnectAsync(SandboxPorts ports, int port, CancellationToken cancellationToken)
    {
        try
        {
            return await ports.ConnectAsync(port, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException refused)
        {
            throw new AgentException(ErrorKind.FailedPrecondition, refused.Message, refused);
        }
    }
}
