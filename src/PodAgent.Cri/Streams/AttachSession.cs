using PodAgent.Api.V1;
using PodAgent.Cri.Containers;
using PodAgent.Cri.Ports;
using PodAgent.Cri.Sandboxes;
using PodAgent.Cri.Stores;
using PodAgent.Linux;
using Wire = PodAgent.Containers.Protocol;

namespace PodAgent.Cri.Streams;

/// <summary>
/// Attach: the supervisor copies the container's streams to pipes of this session, until the container ends. A client that leaves leaves
/// the container alone.
/// </summary>
internal sealed class AttachSession(CriContext runtime)
{
    private static readonly TimeSpan s_exitAfterOutput = TimeSpan.FromSeconds(5);

    /// <summary>Stays attached until the container's end.</summary>
    /// <returns>The container's exit code.</returns>
    public async Task<int> RunAsync(ContainerEntry entry, AttachParameters parameters, IStreamClient client, CancellationToken cancellationToken)
    {
        ContainerRecord record = entry.Record;
        SandboxSupervision supervision = Supervised.Require(runtime, record, ContainerVerb.Attach);
        if (parameters.Stdin && !record.Config.Stdin)
        {
            throw new AgentException(ErrorKind.FailedPrecondition, $"container \"{record.Name}\" has no standard input (stdin: false)");
        }

        using StdioEnd? stdin = parameters.Stdin ? runtime.Ports.Stdio.Input() : null;
        using StdioEnd? stdout = parameters.Stdout ? runtime.Ports.Stdio.Output() : null;
        using StdioEnd? stderr = parameters.Stderr ? runtime.Ports.Stdio.Output() : null;
        long logSize = await AttachAsync(supervision, record, parameters.Replay, stdin, stdout, stderr, cancellationToken).ConfigureAwait(false);
        Func<TerminalSize, Task>? resize = record.Config.Tty
            ? size => supervision.Supervisor.ResizeAsync(record.Id, size.Columns, size.Rows, cancellationToken)
            : null;
        if (resize is not null && parameters.Size is { } first)
        {
            await resize(first).ConfigureAwait(false);
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task inputs = ReadInputAsync(client, new InputPump(stdin?.Agent, closable: true, resize), stop.Token);
        try
        {
            if (logSize > 0)
            {
                await LogReplay.RunAsync(record.LogPath, logSize, client, stop.Token).ConfigureAwait(false);
            }

            Task copies = Task.WhenAll(
                stdout is null ? Task.CompletedTask : client.CopyOutputAsync(stdout.Agent, isError: false, stop.Token),
                stderr is null ? Task.CompletedTask : client.CopyOutputAsync(stderr.Agent, isError: true, stop.Token));
            await copies.ConfigureAwait(false);
            return await ExitAsync(entry, stdout is not null || stderr is not null, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await inputs.ConfigureAwait(false);
        }
    }

    private static async Task<long> AttachAsync(
        SandboxSupervision supervision, ContainerRecord record, bool replay, StdioEnd? stdin, StdioEnd? stdout, StdioEnd? stderr,
        CancellationToken cancellationToken)
    {
        var request = new Wire.AttachRequest { Id = record.Id, Replay = replay };
        var descriptors = new List<Fd>(3);
        if (stdout is not null)
        {
            request.StdoutFd = descriptors.Count;
            descriptors.Add(stdout.Process);
        }

        if (stderr is not null)
        {
            request.StderrFd = descriptors.Count;
            descriptors.Add(stderr.Process);
        }

        if (stdin is not null)
        {
            request.StdinFd = descriptors.Count;
            descriptors.Add(stdin.Process);
        }

        Wire.AttachReply reply;
        try
        {
            reply = await supervision.Supervisor.AttachAsync(request, descriptors, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            throw Failures.Translate($"cannot attach to container \"{record.Name}\"", failure);
        }

        stdout?.Process.Dispose();
        stderr?.Process.Dispose();
        stdin?.Process.Dispose();
        return reply.LogSize;
    }

    private async Task<int> ExitAsync(ContainerEntry entry, bool outputEnded, CancellationToken cancellationToken)
    {
        try
        {
            TimeSpan limit = outputEnded ? s_exitAfterOutput : Timeout.InfiniteTimeSpan;
            await entry.Exited.Task.WaitAsync(limit, runtime.Time, cancellationToken).ConfigureAwait(false);
            return entry.Record.ExitCode;
        }
        catch (TimeoutException)
        {
            throw new AgentException(
                ErrorKind.ResourceExhausted,
                $"container \"{entry.Record.Name}\" goes on, but this client was dropped because it reads too slowly; attach again");
        }
    }

    private static async Task ReadInputAsync(IStreamClient client, InputPump input, CancellationToken cancellationToken)
    {
        try
        {
            await client.ReadInputAsync(input, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The client left, or the container ended: the other direction tells which.
        }
    }
}
