using Grpc.Core;
using PodAgent.Api.V1;
using PodAgent.Cri.Containers;
using PodAgent.Cri.Ports;
using PodAgent.Cri.Sandboxes;
using PodAgent.Cri.Stores;
using PodAgent.Linux;
using Wire = PodAgent.Containers.Protocol;

namespace PodAgent.Cri.Streams;

/// <summary>
/// Attach: the supervisor copies the container's streams to pipes of this call. The last message is the container's exit; a client that
/// leaves leaves the container alone.
/// </summary>
internal sealed class AttachStream(CriContext runtime)
{
    private static readonly TimeSpan s_exitAfterOutput = TimeSpan.FromSeconds(5);

    public async Task InvokeAsync(
        IAsyncStreamReader<AttachRequest> requests, IServerStreamWriter<ExecResponse> responses, CancellationToken cancellationToken)
    {
        if (!await requests.MoveNext(cancellationToken).ConfigureAwait(false)
            || requests.Current.RequestCase != AttachRequest.RequestOneofCase.Start)
        {
            throw new AgentException(ErrorKind.InvalidArgument, "the first message of Attach must be \"start\"");
        }

        AttachStart start = requests.Current.Start;
        ContainerEntry entry = runtime.Containers.Get(start.ContainerId);
        ContainerRecord record = entry.Record;
        SandboxSupervision supervision = Supervised.Require(runtime, record, ContainerVerb.Attach);
        if (start.Stdin && !record.Config.Stdin)
        {
            throw new AgentException(ErrorKind.FailedPrecondition, $"container \"{record.Name}\" has no standard input (stdin: false)");
        }

        using StdioEnd? stdin = start.Stdin ? runtime.Ports.Stdio.Input() : null;
        using StdioEnd stdout = runtime.Ports.Stdio.Output();
        using StdioEnd stderr = runtime.Ports.Stdio.Output();
        await AttachAsync(supervision, record, stdin, stdout, stderr, cancellationToken).ConfigureAwait(false);
        Func<TerminalSize, Task>? resize = record.Config.Tty
            ? size => supervision.Supervisor.ResizeAsync(record.Id, size.Columns, size.Rows, cancellationToken)
            : null;
        if (resize is not null && start.Size is { } first)
        {
            await resize(first).ConfigureAwait(false);
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task inputs = ReadInputAsync(requests, new InputPump(stdin?.Agent, closable: true, resize), stop.Token);
        try
        {
            var output = new OutputPump(responses);
            await Task.WhenAll(
                output.CopyAsync(stdout.Agent, isError: false, stop.Token),
                output.CopyAsync(stderr.Agent, isError: true, stop.Token)).ConfigureAwait(false);
            int exitCode = await ExitAsync(entry, cancellationToken).ConfigureAwait(false);
            await output.WriteAsync(new ExecResponse { Exit = new StreamExit { ExitCode = exitCode } }, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await inputs.ConfigureAwait(false);
        }
    }

    private static async Task AttachAsync(
        SandboxSupervision supervision, ContainerRecord record, StdioEnd? stdin, StdioEnd stdout, StdioEnd stderr,
        CancellationToken cancellationToken)
    {
        var request = new Wire.AttachRequest { Id = record.Id, StdoutFd = 0, StderrFd = 1 };
        var descriptors = new List<Fd> { stdout.Process, stderr.Process };
        if (stdin is not null)
        {
            request.StdinFd = 2;
            descriptors.Add(stdin.Process);
        }

        try
        {
            await supervision.Supervisor.AttachAsync(request, descriptors, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            throw Failures.Translate($"cannot attach to container \"{record.Name}\"", failure);
        }

        stdout.Process.Dispose();
        stderr.Process.Dispose();
        stdin?.Process.Dispose();
    }

    private async Task<int> ExitAsync(ContainerEntry entry, CancellationToken cancellationToken)
    {
        try
        {
            await entry.Exited.Task.WaitAsync(s_exitAfterOutput, runtime.Time, cancellationToken).ConfigureAwait(false);
            return entry.Record.ExitCode;
        }
        catch (TimeoutException)
        {
            throw new AgentException(
                ErrorKind.ResourceExhausted,
                $"container \"{entry.Record.Name}\" goes on, but this client was dropped because it reads too slowly; attach again");
        }
    }

    private static async Task ReadInputAsync(IAsyncStreamReader<AttachRequest> requests, InputPump input, CancellationToken cancellationToken)
    {
        try
        {
            while (await requests.MoveNext(cancellationToken).ConfigureAwait(false))
            {
                if (requests.Current.RequestCase == AttachRequest.RequestOneofCase.Input)
                {
                    await input.HandleAsync(requests.Current.Input, cancellationToken).ConfigureAwait(false);
                }
            }

            await input.CloseAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The client left, or the container ended: the other direction tells which.
        }
    }
}
