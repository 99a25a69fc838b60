using System.Globalization;
using PodAgent.Containers.Protocol;
using PodAgent.Containers.Supervision;
using PodAgent.Linux;
using PodAgent.Linux.Files;
using PodAgent.Linux.Processes;

namespace PodAgent.Sandbox.Process;

/// <summary>Signals, ends, and the end of it all.</summary>
internal sealed partial class PodSupervisor
{
    private void Signal(SignalRequest request)
    {
        if (request.Id.Length == 0)
        {
            foreach (SupervisedProcess each in _processes.Values.Where(static process => !process.IsExec && !process.HasEnded).ToArray())
            {
                Signal(each, request.Signal, request.All);
            }

            return;
        }

        SupervisedProcess process = Find(request.Id);
        if (process.HasEnded && !request.All)
        {
            throw Refuse("signal", request.Id, Errno.ESRCH, "the process has ended");
        }

        Signal(process, request.Signal, request.All);
    }

    private static void Signal(SupervisedProcess process, int signal, bool all)
    {
        if (all)
        {
            SignalGroup(process.Cgroups, signal);
        }
        else if (process.PidFd is not null)
        {
            _ = PidFds.Signal(process.PidFd, signal);
        }
    }

    // A process may fork while the list is read: repeated until no new one appears, and SIGKILL in one stroke where v2 offers it.
    private static void SignalGroup(IReadOnlyList<string> cgroups, int signal)
    {
        if (cgroups.Count == 0)
        {
            return;
        }

        if (signal == SignalNumbers.SIGKILL && FileTree.TryOpen($"{cgroups[0]}/cgroup.kill", OpenFlags.WriteOnly) is { } kill)
        {
            using (kill)
            {
                FileData.WriteText(kill, "1", "cgroup.kill");
            }

            return;
        }

        var signalled = new HashSet<int>();
        bool found = true;
        while (found)
        {
            found = false;
            foreach (int pid in ReadProcesses(cgroups[0]))
            {
                if (signalled.Add(pid))
                {
                    found = true;
                    using Fd? pidFd = PidFds.TryOpen(pid);

                    // Between the list and the descriptor the number may have changed hands.
                    if (pidFd is not null && ReadProcesses(cgroups[0]).Contains(pid))
                    {
                        _ = PidFds.Signal(pidFd, signal);
                    }
                }
            }
        }
    }

    private static int[] ReadProcesses(string cgroup)
    {
        using Fd? file = FileTree.TryOpen($"{cgroup}/cgroup.procs", OpenFlags.ReadOnly);
        return file is null
            ? []
            : [.. System.Text.Encoding.ASCII.GetString(FileData.Read(file, cgroup)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => int.Parse(line, CultureInfo.InvariantCulture))];
    }

    private void OnChildEnded(ChildExit exit)
    {
        if (exit.Pid == _pausePid)
        {
            OnPauseEnded(exit);
        }
        else if (_processesByPid.Remove(exit.Pid, out SupervisedProcess? process))
        {
            OnProcessEnded(process, exit);
        }
        else
        {
            OnPreparedEnded(exit.Pid);
        }

        ContinueShutdown();
        StopUnlessUsed();
        if (IsForsaken())
        {
            _loop.Stop();
        }
    }

    // Agents find a supervisor by its directory. When that was removed from outside, as by hand with all of /run, none will ever come back, and
    // with the last process ends what there was to supervise.
    private bool IsForsaken() =>
        _connections.Count == 0 && _pauseLaunch is null && _pausePid == 0 && _processesByPid.Count == 0
            && _directory.Length > 0 && !System.IO.Directory.Exists(_directory);

    private void OnProcessEnded(SupervisedProcess process, ChildExit exit)
    {
        // Its last words come before its end, whatever order the events arrived in.
        process.Launch?.Conclude();
        if (_processes.GetValueOrDefault(process.Id) != process)
        {
            // Its set-up failed, and its ID is free for another attempt since.
            return;
        }

        process.ExitCode = exit.ExitCode;
        process.Signal = exit.Signal;
        process.FinishedAt = Now();
        process.Streams?.OnMainExit();
        if (process.Oom is not null)
        {
            process.Oom.Settle(_processes.Values.Where(other => other != process && !other.HasEnded).Select(static other => other.Oom).OfType<OomWatch>());
            process.OomKilled = process.Oom.Count() > process.OomKillsBefore;
            process.Oom.Dispose();
        }
        else if (process.IsExec && exit.Signal == SignalNumbers.SIGKILL && _processes.TryGetValue(process.ContainerId, out SupervisedProcess? container))
        {
            process.OomKilled = container.Oom?.Count() > process.OomKillsBefore;
        }

        Report(process.ToState());
    }

    private void OnPauseEnded(ChildExit exit)
    {
        _pauseLaunch?.Conclude();
        if (_pausePid == 0)
        {
            return;
        }

        _ready = false;
        Report(new ProcessState { Id = _spec!.Id, Pid = _pausePid, FinishedAt = Now(), ExitCode = exit.ExitCode, Signal = exit.Signal });
        _pausePid = 0;
    }

    private void Report(ProcessState state)
    {
        if (_spec!.ExitDirectory.Length > 0)
        {
            try
            {
                ExitRecords.Write(_spec.ExitDirectory, state);
            }
            catch (LinuxException refused)
            {
                // The event still tells; only an agent that is away right now depends on the record, and it asks for the state first.
                LastWords.Write(_directory, $"exit record of \"{state.Id}\": {refused.Message}");
            }
        }

        Broadcast(new Message { Exit = new ExitEvent { Process = state } });
    }

    private void OnOomKill(string id) => Broadcast(new Message { Oom = new OomEvent { ContainerId = id, At = Now() } });

    private void Shutdown(Replies reply)
    {
        _shutdownReply += reply.Done;
        Drop(ref _preparedContainer);
        foreach (SupervisedProcess process in _processes.Values.Where(static process => !process.HasEnded))
        {
            _ = PidFds.Signal(process.PidFd!, SignalNumbers.SIGKILL);
            SignalGroup(process.Cgroups, SignalNumbers.SIGKILL);
        }

        ContinueShutdown();
    }

    private void ContinueShutdown()
    {
        if (_shutdownReply is null || _processesByPid.Count > 0 || _droppedPid != 0)
        {
            return;
        }

        if (_pausePid != 0)
        {
            _ = PidFds.Signal(_pausePidFd!, SignalNumbers.SIGKILL);
            return;
        }

        foreach (SupervisedProcess process in _processes.Values)
        {
            process.Close();
        }

        _oomKills?.Dispose();
        _listener?.RemoveSocket();
        Action replies = _shutdownReply;
        replies();
        _loop.Stop();
    }
}
