using PodAgent.Containers.Launch;
using PodAgent.Containers.Protocol;
using PodAgent.Containers.Supervision;
using PodAgent.Linux;
using PodAgent.Linux.Mounting;
using PodAgent.Linux.Processes;
using PodAgent.Linux.Sockets;

namespace PodAgent.Sandbox.Process;

/// <summary>Starting pause, containers and execs. The reply waits for the child's set-up, the loop does not.</summary>
internal sealed partial class PodSupervisor
{
    private const NamespaceKinds Container = NamespaceKinds.Mount | NamespaceKinds.Cgroup | NamespaceKinds.Uts | NamespaceKinds.Ipc | NamespaceKinds.Network;

    private void CreateSandbox(SandboxSpec? spec, Replies reply)
    {
        if (spec is null || _directory.Length == 0 || _pauseLaunch is not null || _pausePid != 0 || _shutdownReply is not null)
        {
            throw Refuse("create sandbox", spec?.Id ?? "", Errno.EBUSY, "a supervisor has one sandbox, once");
        }

        if (!ExitRecords.IsValidId(spec.Id))
        {
            throw Refuse("create sandbox", spec.Id, Errno.EINVAL, $"\"{spec.Id}\" cannot be the ID of a sandbox");
        }

        NamespaceSharing sharing = spec.Namespaces ?? new NamespaceSharing();
        NamespaceKinds pod = (sharing.HostNetwork ? NamespaceKinds.None : NamespaceKinds.Network | NamespaceKinds.Uts)
            | (sharing.HostIpc ? NamespaceKinds.None : NamespaceKinds.Ipc)
            | (sharing.SharePid && !sharing.HostPid ? NamespaceKinds.Pid : NamespaceKinds.None)
            | (spec.Users is null ? NamespaceKinds.None : NamespaceKinds.User);

        // Those of a pod with users of its own have to belong to its user namespace.
        NamespaceKinds joined = _prepared is null || spec.Users is not null ? NamespaceKinds.None : PreparedNamespaces.Among(pod);
        using CgroupMembership cgroups = CgroupMembership.Open(spec.CgroupPaths);
        (_pausePid, _pausePidFd, Fd parentEnd) = TakePause(spec, pod, cgroups)
            ?? _launcher.Start(pod & ~joined, null, cgroups, childEnd => PauseProcess.Run(spec, cgroups, _prepared, joined, childEnd));
        bool movesItself = cgroups.Unified is null;
        try
        {
            OpenUserNamespace(spec, parentEnd);
        }
        catch
        {
            // Without maps it waits for ever.
            _ = PidFds.Signal(_pausePidFd!, SignalNumbers.SIGKILL);
            _pausePid = 0;
            parentEnd.Dispose();
            throw;
        }

        _spec = spec;
        _podNamespaces = pod;
        _pauseLaunch = new PendingLaunch(_loop, parentEnd, _pausePidFd, null, failure =>
        {
            _pauseLaunch = null;

            // They live by pause from here on, and end with it; of a failed attempt they may bear traces.
            _prepared?.Dispose();
            _prepared = null;
            if (failure is not null)
            {
                // It ends by itself; another attempt may be made.
                _spec = null;
                _pausePid = 0;
                reply.Fail(failure);
                return;
            }

            _ready = true;
            reply.With(new Message { CreateSandbox = new CreateSandboxReply { PausePid = _pausePid } });
            if (movesItself && _userNamespace is null)
            {
                PrepareContainer();
            }
        });
    }

    // Only from outside can a user namespace be given its maps, and an OOM score be lowered.
    private void OpenUserNamespace(SandboxSpec spec, Fd channel)
    {
        if (spec.Users is null || spec.Groups is null)
        {
            return;
        }

        _owners = new IdMapping(Range(spec.Users), Range(spec.Groups));
        _ = OomScore.Write(spec.HasOomScoreAdj ? spec.OomScoreAdj : 0, _pausePid);
        _owners.Write(_pausePid);
        _userNamespace = Namespaces.Open(_pausePid, NamespaceKinds.User);
        SetupChannel.SendGo(channel);
    }

    private static Linux.Processes.IdRange Range(Containers.Protocol.IdRange range) => new(range.Inside, range.Outside, range.Length);

    private void StartContainer(ContainerSpec? spec, IReadOnlyList<Fd> descriptors, Replies reply)
    {
        if (spec?.Process is null)
        {
            throw Refuse("start container", "", Errno.EINVAL, "the request has no specification");
        }

        RequireReady("start container", spec.Id);
        Fd root = Pick(descriptors, true, spec.RootfsFd)!;
        var childEnds = new Fd?[3];
        var sources = new Fd?[spec.Mounts.Count];
        var streams = new ContainerStreams(_loop);
        var process = new SupervisedProcess(spec.Id, "", [.. spec.CgroupPaths]) { Streams = streams };
        try
        {
            streams.Open(spec, childEnds, _time);
            TakeSources(spec, descriptors, sources);
            (NamespaceKinds created, Fd? pidNamespaceOf) = PidPlacement(spec);
            _oomKills ??= PodOomKills.TryOpen(spec.CgroupPaths);
            process.Oom = OomWatch.Open(_loop, spec.CgroupPaths, _oomKills, () => OnOomKill(spec.Id));
            using CgroupMembership cgroups = CgroupMembership.Open(spec.CgroupPaths);
            using var plan = new ChildPlan(spec.Process, cgroups)
            {
                JoinTarget = _pausePidFd,
                Join = _podNamespaces & Container,
                Streams = childEnds,
                Container = spec,
                Root = root,
                Sources = sources,
                Staging = _directory,
                UserNamespace = _userNamespace,
                Owners = _owners,
            };
            Start(process, plan, NamespaceKinds.Mount | created, pidNamespaceOf, leader => streams.UseTerminal(leader, spec.Stdin), reply);
        }
        catch
        {
            process.Close();
            throw;
        }
        finally
        {
            foreach (Fd? fd in childEnds.Concat(sources))
            {
                fd?.Dispose();
            }
        }
    }

    private void Exec(ExecRequest request, IReadOnlyList<Fd> descriptors, Replies reply)
    {
        if (request.Process is null)
        {
            throw Refuse("exec", request.Id, Errno.EINVAL, "the request has no specification");
        }

        RequireReady("exec", request.Id);
        SupervisedProcess container = Find(request.ContainerId);
        if (container.HasEnded || container.IsExec)
        {
            throw Refuse("exec", request.ContainerId, Errno.ESRCH, "the container is not running");
        }

        IReadOnlyList<string> cgroups = request.CgroupPaths.Count > 0 ? [.. request.CgroupPaths] : container.Cgroups;
        var process = new SupervisedProcess(request.Id, request.ContainerId, cgroups);
        using CgroupMembership membership = CgroupMembership.Open(cgroups);
        using var plan = new ChildPlan(request.Process, membership)
        {
            JoinTarget = container.PidFd,
            Join = Container,
            UserNamespace = _userNamespace,
            Owners = _owners,
            Terminal = Pick(descriptors, request.HasTerminalFd, request.TerminalFd),
            Streams =
            [
                Pick(descriptors, request.HasStdinFd, request.StdinFd),
                Pick(descriptors, request.HasStdoutFd, request.StdoutFd),
                Pick(descriptors, request.HasStderrFd, request.StderrFd),
            ],
        };
        process.OomKillsBefore = container.Oom?.Count() ?? 0;
        Start(process, plan, NamespaceKinds.None, container.PidFd, null, reply);
    }

    private void Start(SupervisedProcess process, ChildPlan plan, NamespaceKinds created, Fd? pidNamespaceOf, Action<Fd>? terminal, Replies reply)
    {
        (process.Pid, process.PidFd, Fd channel) = TakeContainer(plan, created)
            ?? _launcher.Start(created, pidNamespaceOf, plan.Cgroups, childEnd => ChildProcess.Run(plan, childEnd));
        _processes.Add(process.Id, process);
        _processesByPid.Add(process.Pid, process);
        process.Launch = new PendingLaunch(_loop, channel, process.PidFd, terminal, failure =>
        {
            process.Launch = null;
            if (failure is not null)
            {
                if (failure.Step == PendingLaunch.KilledStep && process.Oom?.Count() > 0)
                {
                    failure = Refuse(failure.Step, process.Id, Errno.ENOMEM, "the process was killed during its set-up: the container's memory limit is too small for it");
                }

                // Its end will be reaped without anybody being told.
                _ = _processes.Remove(process.Id);
                process.Close();
                reply.Fail(failure);
                return;
            }

            process.StartedAt = Now();
            reply.With(new Message { Start = new StartReply { Pid = process.Pid, StartedAt = process.StartedAt } });
        });
    }

    // A source may be a place in this mount namespace (a path descriptor), which only this process can clone, or a detached mount, which
    // cannot be cloned before Linux 6.15 and need not be.
    private static void TakeSources(ContainerSpec spec, IReadOnlyList<Fd> descriptors, Fd?[] sources)
    {
        for (int i = 0; i < spec.Mounts.Count; i++)
        {
            Mount mount = spec.Mounts[i];
            if (mount.HasSourceFd)
            {
                Fd given = Pick(descriptors, true, mount.SourceFd)!;
                sources[i] = MountTrees.TryClone(given, mount.Options.Contains("rbind"), out Errno errno)
                    ?? (errno == Errno.EINVAL ? Linux.Files.FileTree.Duplicate(given) : throw new LinuxException("open_tree(2)", mount.Destination, errno));
            }
        }
    }

    private (NamespaceKinds Created, Fd? PidNamespaceOf) PidPlacement(ContainerSpec spec)
    {
        switch (spec.PidMode)
        {
            case PidMode.PidContainer:
                return (NamespaceKinds.Pid, null);
            case PidMode.PidPod when (_podNamespaces & NamespaceKinds.Pid) != 0:
                return (NamespaceKinds.None, _pausePidFd);
            case PidMode.PidTarget:
                SupervisedProcess target = Find(spec.PidTarget);
                return target.HasEnded
                    ? throw Refuse("start container", spec.PidTarget, Errno.ESRCH, $"container \"{spec.PidTarget}\", whose processes it is to see, is not running")
                    : (NamespaceKinds.None, target.PidFd);
            default:
                return (NamespaceKinds.None, null);
        }
    }

    private void RequireReady(string step, string id)
    {
        if (!_ready || _shutdownReply is not null)
        {
            throw Refuse(step, id, Errno.ESRCH, "the sandbox is not ready");
        }

        if (!ExitRecords.IsValidId(id))
        {
            throw Refuse(step, id, Errno.EINVAL, $"\"{id}\" cannot be the ID of a process");
        }

        if (_processes.ContainsKey(id) || id == _spec!.Id)
        {
            throw Refuse(step, id, Errno.EEXIST, $"there is a process \"{id}\" already");
        }
    }
}
