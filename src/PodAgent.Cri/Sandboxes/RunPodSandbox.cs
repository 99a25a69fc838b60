using PodAgent.Api.Cri;
using PodAgent.Containers.Protocol;
using PodAgent.Containers.Security;
using PodAgent.Cri.Containers;
using PodAgent.Cri.Ports;
using PodAgent.Cri.Stores;
using PodAgent.Linux;
using PodAgent.Linux.Processes;

namespace PodAgent.Cri.Sandboxes;

/// <summary>
/// RunPodSandbox, all or nothing:
/// 1 the sandbox's directory with a note of what is about to be made, for a successor of this agent;
/// 2 the supervisor is started and, beside that, the control group is made;
/// 3 the pod's network, beside steps 2 and 4 when the supervisor has brought a network namespace along;
/// 4 pause is made, which owns the pod's namespaces, and, beside that, the files that its containers share; systemd is told of it;
/// 5 the sandbox is written down and becomes visible.
/// </summary>
internal sealed class RunPodSandbox(CriContext runtime)
{
    private const int PauseOomScore = -998;

    public async Task<RunPodSandboxResponse> InvokeAsync(RunPodSandboxRequest request, CancellationToken cancellationToken)
    {
        SandboxValidation.Check(request, runtime.Options);
        PodSandboxMetadata metadata = request.Config.Metadata;
        string name = $"{metadata.Name}_{metadata.Namespace}_{metadata.Uid}_{metadata.Attempt}";
        string id = await runtime.Creations.RunAsync(name, request, token => MakeAsync(request, token), cancellationToken)
            .ConfigureAwait(false);
        return new RunPodSandboxResponse { PodSandboxId = id };
    }

    private async Task<string> MakeAsync(RunPodSandboxRequest request, CancellationToken cancellationToken)
    {
        if (Existing(request) is { } existing)
        {
            return existing;
        }

        Rollback rollback = runtime.NewRollback();
        try
        {
            return await MakeAsync(request, rollback, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            IReadOnlyList<string> notUndone = await rollback.UndoAsync().ConfigureAwait(false);
            PodSandboxMetadata metadata = request.Config.Metadata;
            throw Failures.Translate($"cannot run a sandbox for pod \"{metadata.Namespace}/{metadata.Name}\"", failure, notUndone);
        }
    }

    // The answer to an earlier, equal call may have been lost on its way.
    private string? Existing(RunPodSandboxRequest request)
    {
        SandboxRecord? same = runtime.Sandboxes.Entries
            .Select(entry => entry.Record)
            .FirstOrDefault(record => record.Config.Metadata.Equals(request.Config.Metadata));
        return same switch
        {
            null => null,
            { State: PodSandboxState.SandboxReady } when same.Config.Equals(request.Config) => same.Id,
            _ => throw new AgentException(
                ErrorKind.AlreadyExists,
                $"pod \"{same.PodName}\" has sandbox {RuntimeId.Short(same.Id)} for attempt {same.Config.Metadata.Attempt} already"),
        };
    }

    private async Task<string> MakeAsync(RunPodSandboxRequest request, Rollback rollback, CancellationToken cancellationToken)
    {
        PodSandboxConfig config = request.Config;
        string id = RuntimeId.New();
        string directory = runtime.Options.SandboxDirectory(id);
        (string cgroupParent, bool ownsParent) = SandboxCgroup.Choose(runtime, config, id);
        var record = new SandboxRecord
        {
            Id = id,
            Config = config,
            RuntimeHandler = request.RuntimeHandler,
            CreatedAt = 0,
            CgroupParent = cgroupParent,
            OwnsCgroupParent = ownsParent,
        };
        NamespaceOption namespaces = record.Namespaces;
        bool hostNetwork = namespaces.Network == NamespaceMode.Node;

        // A pod with users of its own needs namespaces that belong to those.
        bool madeAhead = !hostNetwork && UserNamespaceOptions.MappingOf(namespaces) is null;

        // 1
        rollback.Push("remove the sandbox's directory", () => SandboxFiles.Delete(directory));
        SandboxFiles.CreateDirectories(directory);
        CheckpointFile.WriteSandbox(directory, record);

        // 2
        ICgroup pauseCgroup = runtime.Ports.Cgroups.Open(record.PauseCgroup);
        rollback.Push("remove the control group", () => SandboxCgroup.Remove(runtime, record));
        Task<ISandboxSupervisor> launch = runtime.Ports.Supervisors.LaunchAsync(directory, cancellationToken);
        SandboxSupervision? supervision = null;
        rollback.Push("end the supervisor", token => EndAsync(launch, supervision, token));

        // 3
        var network = new PodNetwork(runtime.Ports.Network, record);
        Task connecting = madeAhead ? network.ConnectEarlyAsync(launch, cancellationToken) : Task.CompletedTask;
        rollback.Push("give back the network", network.DisconnectAsync);
        SandboxCgroup.Create(runtime, record);
        ISandboxSupervisor supervisor = await launch.ConfigureAwait(false);
        supervision = new SandboxSupervision(id, supervisor, runtime.Exits);
        if (!madeAhead)
        {
            supervisor.TakeNetworkNamespace()?.Dispose();
        }

        // 4
        string hostname = Hostname(config, hostNetwork);
        SandboxSpec spec = Specification(id, directory, hostname, config, namespaces, pauseCgroup);
        if (spec.Sysctls.Keys.Any(static name => name.StartsWith("net/", StringComparison.Ordinal)))
        {
            // So that a setting for all interfaces reaches the pod's, whoever is faster.
            await connecting.ConfigureAwait(false);
        }

        Task subscribed = supervision.SubscribeAsync(cancellationToken);
        Task<CreateSandboxReply> created = supervisor.CreateSandboxAsync(spec, cancellationToken);
        rollback.Push("unmount the shared memory", () => runtime.Ports.Files.UnmountSharedMemory(SandboxFiles.SharedMemory(directory)));
        WriteFiles(directory, hostname, config, namespaces);
        CreateSandboxReply reply = await created.ConfigureAwait(false);
        Task registered = pauseCgroup.RegisterAsync(reply.PausePid, null);
        rollback.Push("await the control group's registration", token => Ended(registered).WaitAsync(token));
        await connecting.ConfigureAwait(false);
        IReadOnlyList<string> addresses = hostNetwork ? [] : await network.ConnectAsync(reply.PausePid, cancellationToken).ConfigureAwait(false);
        File.WriteAllText(SandboxFiles.Hosts(directory), runtime.Ports.Files.Hosts(hostname, addresses, hostNetwork));
        GiveFiles(directory, record.Owners?.Mapping);
        await subscribed.ConfigureAwait(false);
        await registered.ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();

        // 5
        var entry = new SandboxEntry(record with
        {
            CreatedAt = runtime.Time.Nanoseconds(),
            Addresses = addresses,
            NetworkAttached = !hostNetwork,
            PausePid = reply.PausePid,
        })
        {
            Supervision = supervision,
        };
        runtime.Sandboxes.Add(entry);
        rollback.Commit();
        if (supervisor.Closed.IsCompleted)
        {
            // It died before the store knew the sandbox, so the report found nobody.
            runtime.Exits.SupervisorLost(id);
        }

        runtime.Log.SandboxRunning(id, record.PodName);
        return id;
    }

    // Its failure is on its way to the caller already.
    private static Task Ended(Task task) => task.ContinueWith(
        static ended => _ = ended.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    private static async Task EndAsync(Task<ISandboxSupervisor> launch, SandboxSupervision? supervision, CancellationToken cancellationToken)
    {
        ISandboxSupervisor supervisor;
        try
        {
            supervisor = await launch.ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Nothing was started; the failure is on its way to the caller.
            return;
        }

        supervision ??= new SandboxSupervision("", supervisor, NoSink.Instance);
        await supervision.ShutdownAsync(cancellationToken).ConfigureAwait(false);
        await supervision.DisposeAsync().ConfigureAwait(false);
    }

    private void WriteFiles(string directory, string hostname, PodSandboxConfig config, NamespaceOption namespaces)
    {
        File.WriteAllText(SandboxFiles.Hostname(directory), hostname + "\n");
        File.WriteAllText(SandboxFiles.ResolvConf(directory), runtime.Ports.Files.ResolvConf(config.DnsConfig));
        if (namespaces.Ipc != NamespaceMode.Node)
        {
            string sharedMemory = SandboxFiles.SharedMemory(directory);
            Directory.CreateDirectory(sharedMemory);
            runtime.Ports.Files.MountSharedMemory(sharedMemory, runtime.Options.SharedMemoryBytes, UserNamespaceOptions.MappingOf(namespaces));
        }
    }

    // Root of a user namespace of its own may change the pod's files as root elsewhere may.
    private void GiveFiles(string directory, IdMapping? owners)
    {
        if (owners is not null)
        {
            runtime.Ports.Files.GiveTo(SandboxFiles.Hostname(directory), owners);
            runtime.Ports.Files.GiveTo(SandboxFiles.Hosts(directory), owners);
            runtime.Ports.Files.GiveTo(SandboxFiles.ResolvConf(directory), owners);
        }
    }

    private SandboxSpec Specification(
        string id, string directory, string hostname, PodSandboxConfig config, NamespaceOption namespaces, ICgroup cgroup)
    {
        var spec = new SandboxSpec
        {
            Id = id,
            Hostname = hostname,
            Namespaces = new NamespaceSharing
            {
                HostNetwork = namespaces.Network == NamespaceMode.Node,
                HostIpc = namespaces.Ipc == NamespaceMode.Node,
                HostPid = namespaces.Pid == NamespaceMode.Node,
                SharePid = namespaces.Pid == NamespaceMode.Pod,
            },
            CgroupPaths = { cgroup.HostPaths },
            ExitDirectory = SandboxFiles.Exits(directory),
            OomScoreAdj = PauseOomScore,
            PauseSeccomp = Google.Protobuf.UnsafeByteOperations.UnsafeWrap(runtime.Ports.Security.PauseSeccomp),
        };
        if (UserNamespaceOptions.MappingOf(namespaces) is { } mapping)
        {
            spec.Users = Range(mapping.Users);
            spec.Groups = Range(mapping.Groups);
        }

        if (config.Linux is not null)
        {
            foreach ((string path, string value) in Sysctls.Validate(config.Linux.Sysctls, spec.Namespaces.HostNetwork, spec.Namespaces.HostIpc))
            {
                spec.Sysctls[path] = value;
            }
        }

        return spec;
    }

    private static PodAgent.Containers.Protocol.IdRange Range(PodAgent.Linux.Processes.IdRange range) =>
        new() { Inside = range.Inside, Outside = range.Outside, Length = range.Length };

    // On the node's network the pod is the node; a name of its own would not resolve there.
    private static string Hostname(PodSandboxConfig config, bool hostNetwork) =>
        hostNetwork || config.Hostname.Length == 0 ? Environment.MachineName : config.Hostname;

    private sealed class NoSink : ISupervisionSink
    {
        public static readonly NoSink Instance = new();

        public void ContainerExited(string sandboxId, ProcessState process)
        {
        }

        public void PauseEnded(string sandboxId)
        {
        }

        public void SupervisorLost(string sandboxId)
        {
        }
    }
}
