using Grpc.Core;
using PodAgent.Api.V1;
using PodAgent.Containers.Users;
using PodAgent.Cri.Containers;
using PodAgent.Cri.Ports;
using PodAgent.Cri.Stores;
using PodAgent.Linux;
using Wire = PodAgent.Containers.Protocol;

namespace PodAgent.Cri.Streams;

/// <summary>
/// Exec: start, input and output side by side, and the exit as last message. A client that leaves takes the command and all that it
/// started with it.
/// </summary>
internal sealed class ExecStream(CriContext runtime, ExecLauncher launcher)
{
    // A background child may keep the output open; the command has ended all the same.
    private static readonly TimeSpan s_drain = TimeSpan.FromSeconds(1);

    public async Task InvokeAsync(
        IAsyncStreamReader<ExecRequest> requests, IServerStreamWriter<ExecResponse> responses, CancellationToken cancellationToken)
    {
        if (!await requests.MoveNext(cancellationToken).ConfigureAwait(false)
            || requests.Current.RequestCase != ExecRequest.RequestOneofCase.Start)
        {
            throw new AgentException(ErrorKind.InvalidArgument, "the first message of Exec must be \"start\"");
        }

        ExecStart start = requests.Current.Start;
        ContainerEntry entry = runtime.Containers.Get(start.ContainerId);
        Wire.ProcessSpec process = Process(entry.Record, start);
        using var streams = ExecStreams.Open(runtime.Ports.Stdio, start, entry.Record.Pid);
        RunningExec exec = await launcher.StartAsync(entry, process, streams.ForProcess, cancellationToken).ConfigureAwait(false);
        streams.CloseProcessEnds();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task inputs = Task.CompletedTask;
        try
        {
            var output = new OutputPump(responses);
            Task outputs = Task.WhenAll(streams.Outputs.Select(pair => output.CopyAsync(pair.Stream, pair.IsError, stop.Token)));
            inputs = ReadInputAsync(requests, streams.Input(), stop.Token);
            Wire.ProcessState ended = await exec.Ended.WaitAsync(cancellationToken).ConfigureAwait(false);
            await DrainAsync(outputs, stop, cancellationToken).ConfigureAwait(false);
            await output.WriteAsync(
                new ExecResponse { Exit = new StreamExit { ExitCode = ended.ExitCode, Signal = ended.Signal } }, cancellationToken)
                .ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await EndAsync(exec).ConfigureAwait(false);
            await inputs.ConfigureAwait(false);
        }
    }

    private static async Task ReadInputAsync(IAsyncStreamReader<ExecRequest> requests, InputPump input, CancellationToken cancellationToken)
    {
        try
        {
            while (await requests.MoveNext(cancellationToken).ConfigureAwait(false))
            {
                if (requests.Current.RequestCase == ExecRequest.RequestOneofCase.Input)
                {
                    await input.HandleAsync(requests.Current.Input, cancellationToken).ConfigureAwait(false);
                }
            }

            await input.CloseAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The client left, or the command ended: the other direction tells which.
        }
    }

    private async Task DrainAsync(Task outputs, CancellationTokenSource stop, CancellationToken cancellationToken)
    {
        try
        {
            await outputs.WaitAsync(s_drain, runtime.Time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await outputs.ContinueWith(static task => _ = task.Exception, TaskScheduler.Default).ConfigureAwait(false);
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

    private Wire.ProcessSpec Process(ContainerRecord record, ExecStart start)
    {
        ContainerGuards.Check(record, ContainerVerb.Exec);
        Wire.ProcessSpec process = ExecLauncher.Process(record, start.Command, start.Tty);
        string[] identity = start.User.Length > 0 ? Become(process, record, start.User) : [];
        string[] env = [.. Containers.Specs.EnvironmentVariables.Merge(process.Env, identity, start.Env)];
        process.Env.Clear();
        process.Env.Add(env);
        if (start.WorkingDir.Length > 0)
        {
            process.WorkingDir = start.WorkingDir;
        }

        if (start is { Tty: true, Size: { } size })
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
