using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using PodAgent.Api.Cri;
using PodAgent.Cri.Containers;
using PodAgent.Cri.Stores;
using PodAgent.Streaming.Http;
using PodAgent.Streaming.RemoteCommand;
using Wire = PodAgent.Containers.Protocol;

namespace PodAgent.Cri.Streams;

/// <summary>Carries out what a client of the streaming server came for.</summary>
internal sealed class StreamRequests(CriContext runtime, ExecLauncher launcher, StreamingOptions options)
{
    private readonly RemoteCommandEndpoint _commands = new(options);
    private readonly PortForwardEndpoint _ports = new(options);
    private readonly ExecSession _exec = new(runtime, launcher);
    private readonly AttachSession _attach = new(runtime);

    /// <summary>Serves one request to its end.</summary>
    /// <param name="context">The HTTP request.</param>
    /// <param name="request">What was asked for through CRI.</param>
    /// <param name="stopping">Ends sessions: the agent stops.</param>
    public Task ServeAsync(HttpContext context, IMessage request, CancellationToken stopping) => request switch
    {
        ExecRequest exec => _commands.ServeAsync(
            context, new RemoteCommandStreams(exec.Stdin, exec.Stdout, exec.Stderr, exec.Tty), (session, cancel) => ExecAsync(exec, session, cancel), stopping),
        AttachRequest attach => _commands.ServeAsync(
            context, new RemoteCommandStreams(attach.Stdin, attach.Stdout, attach.Stderr, attach.Tty),
            (session, cancel) => AttachAsync(attach, session, cancel), stopping),
        PortForwardRequest forward => ForwardAsync(context, forward, stopping),
        _ => throw new ArgumentOutOfRangeException(nameof(request)),
    };

    private async Task<RemoteCommandStatus> ExecAsync(ExecRequest request, IRemoteCommandSession session, CancellationToken cancel)
    {
        var parameters = new ExecParameters
        {
            Command = request.Cmd,
            Stdin = request.Stdin,
            Stdout = request.Stdout,
            Stderr = request.Stderr,
            Tty = request.Tty,
        };
        Wire.ProcessState ended = await _exec.RunAsync(
            runtime.Containers.Get(request.ContainerId), parameters, new RemoteCommandClient(session), session.ClientGone, cancel).ConfigureAwait(false);
        return RemoteCommandStatus.Exited(ended.ExitCode);
    }

    // The container's exit code is no failure of the session.
    private async Task<RemoteCommandStatus> AttachAsync(AttachRequest request, IRemoteCommandSession session, CancellationToken cancel)
    {
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(cancel, session.ClientGone);
        ContainerEntry entry = runtime.Containers.Get(request.ContainerId);
        var parameters = new AttachParameters(request.Stdin, request.Stdout, request.Stderr && !entry.Record.Config.Tty, Size: null, Replay: false);
        await _attach.RunAsync(entry, parameters, new RemoteCommandClient(session), leave.Token).ConfigureAwait(false);
        return RemoteCommandStatus.Success;
    }

    private async Task ForwardAsync(HttpContext context, PortForwardRequest request, CancellationToken stopping)
    {
        var ports = new SandboxPorts(runtime, request.PodSandboxId);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Task serving = _ports.ServeAsync(context, request.Port, ports, stop.Token);
        if (await Task.WhenAny(serving, ports.Ended).ConfigureAwait(false) != serving)
        {
            await stop.CancelAsync().ConfigureAwait(false);
        }

        await serving.ConfigureAwait(false);
    }
}
