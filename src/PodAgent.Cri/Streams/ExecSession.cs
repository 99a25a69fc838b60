using PodAgent.Containers.Users;
using PodAgent.Cri.Containers;
using PodAgent.Cri.Stores;
using PodAgent.Linux;
using Wire = PodAgent.Containers.Protocol;

namespace PodAgent.Cri.Streams;

/// <summary>A command in a container with a client at its streams: start, input and output side by side, and the exit.</summary>
internal sealed class ExecSession(CriContext runtime, ExecLauncher launcher)
{
    /// <summary>Runs a command to its end.</summary>
    /// <param name="entry">Where.</param>
    /// <param name="parameters">What.</param>
    /// <param name="client">Who is at the streams.</param>
    /// <param name="hangUp">The client has gone, which a terminal tells its processes (SIGHUP); pipes merely end.</param>
    /// <param name="cancellationToken">Kills the command and all that it started with it.</param>
    public async Task<Wire.ProcessState> RunAsync(
        ContainerEntry entry, ExecParameters parameters, IStreamClient client, CancellationToken hangUp, CancellationToken cancellationToken)
    {
        Wire.ProcessSpec process = Process(entry.Record, parameters);
        using var streams = ExecStreams.Open(runtime.Ports.Stdio, parameters, entry.Record.Pid);
        RunningExec exec = await launcher.StartAsync(entry, process, streams.ForProcess, cancellationToken).ConfigureAwait(false);
        streams.CloseProcessEnds();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        (CommandOutput Output, bool IsError)[] outputs = [.. streams.Outputs.Select(pair => (new CommandOutput(pair.Stream, runtime.Time), pair.IsError))];
        Task inputs = Task.CompletedTask;
        try
        {
            await using CancellationTokenRegistration leaving = hangUp.Register(streams.HangUp);
            Task copying = Task.WhenAll(outputs.Select(pair => CopyOutputAsync(client, pair.Output, pair.IsError, hangUp, stop.Token)));
            inputs = ReadInputAsync(client, streams.Input(), stop.Token);
            Wire.ProcessState ended = await exec.Ended.WaitAsync(cancellationToken).ConfigureAwait(false);
            Array.ForEach(outputs, static pair => pair.Output.CommandEnded());
            await copying.WaitAsync(cancellationToken).ConfigureAwait(false);
            return ended;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await EndAsync(exec).ConfigureAwait(false);
            await inputs.ConfigureAwait(false);
            Array.ForEach(outputs, static pair => pair.Output.Dispose());
        }
    }

    private static async Task CopyOutputAsync(IStreamClient client, Stream output, bool isError, CancellationToken hangUp, CancellationToken stop)
    {
        try
        {
            await client.CopyOutputAsync(output, isError, stop).ConfigureAwait(false);
        }
        catch (Exception hungUp) when (hangUp.IsCancellationRequested && hungUp is OperationCanceledException or ObjectDisposedException)
        {
            // The terminal is closed.
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
            // The client left, or the command ended: the other direction tells which.
        }
    }

    private async Task EndAsync(RunningExec exec)
    {
        if (!exec.Ended.IsCompleted)
        {
            using var limit = new CancellationTokenSource(runtime.Options.RollbackTimeout, runtime.Time);
            try
            {
                await launcher.EndAsync(exec, limit.Token).ConfigureAwait(false);
            }
            catch (Exception failure)
            {
                runtime.Log.CleanupFailed($"cannot end exec {exec.Id}", failure.Message);
            }
        }

        launcher.Release(exec);
    }

    private Wire.ProcessSpec Process(ContainerRecord record, ExecParameters parameters)
    {
        ContainerGuards.Check(record, ContainerVerb.Exec);
        Wire.ProcessSpec process = ExecLauncher.Process(record, parameters.Command, parameters.Tty);
        string[] identity = parameters.User.Length > 0 ? Become(process, record, parameters.User) : [];
        string[] env = [.. Containers.Specs.EnvironmentVariables.Merge(process.Env, identity, parameters.Environment)];
        process.Env.Clear();
        process.Env.Add(env);
        if (parameters.WorkingDirectory.Length > 0)
        {
            process.WorkingDir = parameters.WorkingDirectory;
        }

        if (parameters is { Tty: true, Size: { } size })
        {
            process.TerminalSize = new Wire.TerminalSize { Columns = size.Columns, Rows = size.Rows };
        }

        return process;
    }

    private string[] Become(Wire.ProcessSpec process, ContainerRecord record, string name)
    {
        using Fd root = runtime.Ports.Users.OpenRoot(record.Pid);
        ResolvedUser user = runtime.Ports.Users.Resolve(root, name);
        process.Uid = user.Uid;
        process.Gid = user.Gid;
        process.AdditionalGids.Clear();
        process.AdditionalGids.Add(new[] { user.Gid }.Concat(user.AdditionalGroups).Distinct());
        return [$"HOME={user.Home}"];
    }
}
