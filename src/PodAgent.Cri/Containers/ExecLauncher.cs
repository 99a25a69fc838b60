using PodAgent.Cri.Containers.Specs;
using PodAgent.Cri.Ports;
using PodAgent.Cri.Sandboxes;
using PodAgent.Cri.Stores;
using PodAgent.Linux;
using Wire = PodAgent.Containers.Protocol;

namespace PodAgent.Cri.Containers;

/// <summary>Starts processes inside running containers.</summary>
internal sealed class ExecLauncher(CriContext runtime)
{
    /// <summary>
    /// Starts a command with the container's own rights, environment and user. The descriptors are the caller's to close.
    /// </summary>
    public async Task<RunningExec> StartAsync(
        ContainerEntry entry, Wire.ProcessSpec process, ExecStdio stdio, CancellationToken cancellationToken)
    {
        ContainerRecord record = entry.Record;
        SandboxSupervision supervision = Supervised.Require(runtime, record, ContainerVerb.Exec);
        string id = RuntimeId.New();

        // A group of its own, so that the end of the exec can be the end of all that it started.
        ICgroup cgroup = runtime.Ports.Cgroups.Open(record.Cgroup).CreateExec(id);
        try
        {
            var request = new Wire.ExecRequest { Id = id, ContainerId = record.Id, Process = process, CgroupPaths = { cgroup.HostPaths } };
            List<Fd> descriptors = stdio.AddTo(request);
            Task<Wire.ProcessState> ended = supervision.ExpectExec(id);
            await supervision.Supervisor.ExecAsync(request, descriptors, cancellationToken).ConfigureAwait(false);
            return new RunningExec(id, ended, cgroup);
        }
        catch (Exception failure)
        {
            supervision.AbandonExec(id);
            RemoveQuietly(cgroup);
            throw Failures.Translate($"cannot run a command in container \"{record.Name}\"", failure);
        }
    }

    /// <summary>The container's process, with another command.</summary>
    public static Wire.ProcessSpec Process(ContainerRecord record, IReadOnlyList<string> command, bool tty)
    {
        if (command.Count == 0 || command[0].Length == 0)
        {
            throw new AgentException(ErrorKind.InvalidArgument, "no command specified");
        }

        Wire.ProcessSpec process = record.Spec.Process.Clone();
        process.Args.Clear();
        process.Args.Add(command);
        process.Tty = tty;
        if (tty && !process.Env.Any(variable => variable.StartsWith("TERM=", StringComparison.Ordinal)))
        {
            process.Env.Add("TERM=xterm");
        }

        return process;
    }

    /// <summary>Kills what is left of an exec and waits until its first process is reaped.</summary>
    public async Task EndAsync(RunningExec exec, CancellationToken cancellationToken)
    {
        exec.Cgroup.Kill();
        await exec.Ended.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gives back what the exec held; processes that it left behind on purpose (daemons) go on in the container.</summary>
    public void Release(RunningExec exec) => RemoveQuietly(exec.Cgroup);

    private void RemoveQuietly(ICgroup cgroup)
    {
        try
        {
            if (!cgroup.HasProcesses)
            {
                cgroup.Remove();
            }
        }
        catch (Exception failure)
        {
            runtime.Log.CleanupFailed($"cannot remove control group \"{cgroup.Path}\"", failure.Message);
        }
    }
}
