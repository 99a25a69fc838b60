using Grpc.Core;
using PodAgent.Api.V1;
using PodAgent.Cri.Containers;
using PodAgent.Linux;
using Wire = PodAgent.Containers.Protocol;

namespace PodAgent.Cri.Streams;

/// <summary>podagent.v1.ContainerStreamService: commands in containers, the streams of their main processes, and ports of pods, over gRPC.</summary>
public sealed class ContainerStreamServer : ContainerStreamService.ContainerStreamServiceBase
{
    private readonly CriContext _runtime;
    private readonly ExecSession _exec;
    private readonly AttachSession _attach;
    private readonly ForwardedPort _port;

    internal ContainerStreamServer(CriContext runtime, ExecLauncher execs)
    {
        _runtime = runtime;
        _exec = new ExecSession(runtime, execs);
        _attach = new AttachSession(runtime);
        _port = new ForwardedPort(runtime);
    }

    /// <summary>Exec: the exit is the last message; a client that leaves takes the command and all that it started with it.</summary>
    public override async Task Exec(
        IAsyncStreamReader<ExecRequest> requestStream, IServerStreamWriter<ExecResponse> responseStream, ServerCallContext context)
    {
        CancellationToken cancel = context.CancellationToken;
        if (!await requestStream.MoveNext(cancel).ConfigureAwait(false) || requestStream.Current.RequestCase != ExecRequest.RequestOneofCase.Start)
        {
            throw FirstMustBeStart("Exec");
        }

        ExecStart start = requestStream.Current.Start;
        var parameters = new ExecParameters
        {
            Command = start.Command,
            Stdin = start.Stdin,
            Tty = start.Tty,
            Size = start.Size,
            Environment = start.Env,
            WorkingDirectory = start.WorkingDir,
            User = start.User,
        };
        var client = new GrpcStreamClient<ExecRequest>(requestStream, static request => request.Input, responseStream);
        Wire.ProcessState ended = await _exec.RunAsync(
            _runtime.Containers.Get(start.ContainerId), parameters, client, CancellationToken.None, cancel).ConfigureAwait(false);
        await client.WriteAsync(new ExecResponse { Exit = new StreamExit { ExitCode = ended.ExitCode, Signal = ended.Signal } }, cancel).ConfigureAwait(false);
    }

    /// <summary>Attach: the last message is the container's exit.</summary>
    public override async Task Attach(
        IAsyncStreamReader<AttachRequest> requestStream, IServerStreamWriter<ExecResponse> responseStream, ServerCallContext context)
    {
        CancellationToken cancel = context.CancellationToken;
        if (!await requestStream.MoveNext(cancel).ConfigureAwait(false) || requestStream.Current.RequestCase != AttachRequest.RequestOneofCase.Start)
        {
            throw FirstMustBeStart("Attach");
        }

        AttachStart start = requestStream.Current.Start;
        var client = new GrpcStreamClient<AttachRequest>(requestStream, static request => request.Input, responseStream);
        int exitCode = await _attach.RunAsync(
            _runtime.Containers.Get(start.ContainerId), new AttachParameters(start.Stdin, Stdout: true, Stderr: true, start.Size, start.Replay), client, cancel)
            .ConfigureAwait(false);
        await client.WriteAsync(new ExecResponse { Exit = new StreamExit { ExitCode = exitCode } }, cancel).ConfigureAwait(false);
    }

    /// <summary>PortForward: one connection per call.</summary>
    public override async Task PortForward(
        IAsyncStreamReader<ForwardRequest> requestStream, IServerStreamWriter<ForwardResponse> responseStream, ServerCallContext context)
    {
        CancellationToken cancel = context.CancellationToken;
        if (!await requestStream.MoveNext(cancel).ConfigureAwait(false) || requestStream.Current.RequestCase != ForwardRequest.RequestOneofCase.Start)
        {
            throw FirstMustBeStart("PortForward");
        }

        await _port.RunAsync(requestStream.Current.Start, requestStream, responseStream, cancel).ConfigureAwait(false);
    }

    private static AgentException FirstMustBeStart(string call) => new(ErrorKind.InvalidArgument, $"the first message of {call} must be \"start\"");
}
