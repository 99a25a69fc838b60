using Grpc.Core;
using PodAgent.Api.V1;
using PodAgent.Cri.Containers;

namespace PodAgent.Cri.Streams;

/// <summary>podagent.v1.ContainerStreamService: commands in containers, and the streams of their main processes, over gRPC.</summary>
public sealed class ContainerStreamServer : ContainerStreamService.ContainerStreamServiceBase
{
    private readonly ExecStream _exec;
    private readonly AttachStream _attach;

    internal ContainerStreamServer(CriContext runtime, ExecLauncher execs)
    {
        _exec = new ExecStream(runtime, execs);
        _attach = new AttachStream(runtime);
    }

    /// <inheritdoc/>
    public override Task Exec(
        IAsyncStreamReader<ExecRequest> requestStream, IServerStreamWriter<ExecResponse> responseStream, ServerCallContext context) =>
        _exec.InvokeAsync(requestStream, responseStream, context.CancellationToken);

    /// <inheritdoc/>
    public override Task Attach(
        IAsyncStreamReader<AttachRequest> requestStream, IServerStreamWriter<ExecResponse> responseStream, ServerCallContext context) =>
        _attach.InvokeAsync(requestStream, responseStream, context.CancellationToken);
}
