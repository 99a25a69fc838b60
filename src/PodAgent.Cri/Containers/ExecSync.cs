using Google.Protobuf;
using PodAgent.Api.Cri;
using PodAgent.Containers.Protocol;
using PodAgent.Cri.Ports;
using PodAgent.Cri.Stores;
using PodAgent.Linux;

namespace PodAgent.Cri.Containers;

/// <summary>
/// ExecSync: a command, its output and its exit code. When the time is up everything that the command started is killed and its first
/// process reaped before the call fails (probes rely on it). Output beyond 16 MiB per stream is read and dropped (CVE-2022-31030).
/// </summary>
internal sealed class ExecSync(CriContext runtime, ExecLauncher launcher)
{
    private const int MaxOutput = 16 << 20;

    public async Task<ExecSyncResponse> InvokeAsync(ExecSyncRequest request, CancellationToken cancellationToken)
    {
        ContainerEntry entry = runtime.Containers.Get(request.ContainerId);
        using StdioEnd stdout = runtime.Ports.Stdio.Output();
        using StdioEnd stderr = runtime.Ports.Stdio.Output();
        RunningExec exec = await launcher.StartAsync(
            entry, ExecLauncher.Process(entry.Record, request.Cmd, tty: false),
            new ExecStdio(null, stdout.Process, stderr.Process, null), cancellationToken).ConfigureAwait(false);
        try
        {
            stdout.Process.Dispose();
            stderr.Process.Dispose();
            using var ofStdout = new CommandOutput(stdout.Agent, runtime.Time);
            using var ofStderr = new CommandOutput(stderr.Agent, runtime.Time);
            var reading = Task.WhenAll(ReadAsync(ofStdout), ReadAsync(ofStderr));
            ProcessState ended = await WaitAsync(exec, request, entry.Record, cancellationToken).ConfigureAwait(false);
            ofStdout.CommandEnded();
            ofStderr.CommandEnded();
            byte[][] output = await reading.ConfigureAwait(false);
            return new ExecSyncResponse
            {
                ExitCode = ended.ExitCode,
                Stdout = UnsafeByteOperations.UnsafeWrap(output[0]),
                Stderr = UnsafeByteOperations.UnsafeWrap(output[1]),
            };
        }
        finally
        {
            launcher.Release(exec);
        }
    }

    private async Task<ProcessState> WaitAsync(
        RunningExec exec, ExecSyncRequest request, ContainerRecord record, CancellationToken cancellationToken)
    {
        TimeSpan timeout = request.Timeout > 0 ? TimeSpan.FromSeconds(Math.Min(request.Timeout, int.MaxValue / 1000)) : Timeout.InfiniteTimeSpan;
        try
        {
            return await exec.Ended.WaitAsync(timeout, runtime.Time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception reason) when (reason is TimeoutException or OperationCanceledException)
        {
            using var limit = new CancellationTokenSource(runtime.Options.RollbackTimeout, runtime.Time);
            await launcher.EndAsync(exec, limit.Token).ConfigureAwait(false);
            if (reason is OperationCanceledException)
            {
                throw;
            }

            throw new AgentException(
                ErrorKind.DeadlineExceeded, $"command in container \"{record.Name}\" did not end within {request.Timeout} s and was killed");
        }
    }

    private static async Task<byte[]> ReadAsync(CommandOutput output)
    {
        using var kept = new MemoryStream();
        byte[] buffer = new byte[16 << 10];
        try
        {
            int read;
            while ((read = await output.ReadAsync(buffer).ConfigureAwait(false)) > 0)
            {
                kept.Write(buffer, 0, (int)Math.Min(read, MaxOutput - kept.Length));
            }
        }
        catch (OperationCanceledException)
        {
            // The command was given up, and its streams with it: nobody waits for this answer.
        }

        return kept.ToArray();
    }
}
