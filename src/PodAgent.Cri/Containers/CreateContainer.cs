using PodAgent.Api.Cri;
using PodAgent.Containers.Specs;
using PodAgent.Cri.Cdi;
using PodAgent.Cri.Containers.Specs;
using PodAgent.Cri.Ports;
using PodAgent.Cri.Sandboxes;
using PodAgent.Cri.Stores;
using PodAgent.Images;
using PodAgent.Linux;
using Wire = PodAgent.Containers.Protocol;

namespace PodAgent.Cri.Containers;

/// <summary>
/// CreateContainer, all or nothing:
/// 1 sandbox, image and configuration are checked;
/// 2 the container's directory with a note of what is about to be made, for a successor of this agent;
/// 3 the root file system and, beside that, the control group;
/// 4 who its processes are, and the volumes that its image declares, both read inside that root;
/// 5 what the supervisor will be asked to start;
/// 6 the container is written down and becomes visible.
/// Nothing of the container runs yet, but whatever can be wrong with it is said here.
/// </summary>
internal sealed class CreateContainer(CriContext runtime, RemoveContainer removeContainer)
{
    public async Task<CreateContainerResponse> InvokeAsync(CreateContainerRequest request, CancellationToken cancellationToken)
    {
        SandboxEntry sandbox = ReadySandbox(request);
        ContainerValidation.Check(request.Config, sandbox.Record);
        string name = $"{request.Config.Metadata.Name}_{request.Config.Metadata.Attempt}_{sandbox.Record.Id}";
        string id = await runtime.Creations.RunAsync(name, request, token => MakeAsync(sandbox, request, token), cancellationToken)
            .ConfigureAwait(false);
        return new CreateContainerResponse { ContainerId = id };
    }

    private SandboxEntry ReadySandbox(CreateContainerRequest request)
    {
        SandboxEntry sandbox = runtime.Sandboxes.Get(request.PodSandboxId);
        return sandbox.Record.State == PodSandboxState.SandboxReady
            ? sandbox
            : throw new AgentException(
                ErrorKind.FailedPrecondition,
                $"cannot create a container in sandbox {RuntimeId.Short(sandbox.Record.Id)} of pod \"{sandbox.Record.PodName}\": it is not ready");
    }

    private async Task<string> MakeAsync(SandboxEntry sandbox, CreateContainerRequest request, CancellationToken cancellationToken)
    {
        if (Existing(sandbox.Record, request.Config) is { } existing)
        {
            return existing;
        }

        Rollback rollback = runtime.NewRollback();
        string id;
        try
        {
            id = await MakeAsync(sandbox.Record, request, rollback, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            IReadOnlyList<string> notUndone = await rollback.UndoAsync().ConfigureAwait(false);
            throw Failures.Translate($"cannot create container \"{request.Config.Metadata.Name}\"", failure, notUndone);
        }

        if (sandbox.Record.State != PodSandboxState.SandboxReady)
        {
            // The sandbox was stopped meanwhile; whoever removes it may have looked for containers before this one was there.
            if (runtime.Containers.Find(id) is { } late)
            {
                await removeContainer.RemoveAsync(late, CancellationToken.None).ConfigureAwait(false);
            }

            ReadySandbox(request);
        }

        return id;
    }

    // The answer to an earlier, equal call may have been lost on its way.
    private string? Existing(SandboxRecord sandbox, ContainerConfig config)
    {
        ContainerRecord? same = runtime.Containers.Of(sandbox.Id)
            .Select(entry => entry.Record)
            .FirstOrDefault(record => record.Config.Metadata.Equals(config.Metadata));
        return same switch
        {
            null => null,
            { State: ContainerState.ContainerCreated } when same.Config.Equals(config) => same.Id,
            _ => throw new AgentException(
                ErrorKind.AlreadyExists,
                $"container \"{config.Metadata.Name}\" attempt {config.Metadata.Attempt} exists in pod \"{sandbox.PodName}\" already"),
        };
    }

    private async Task<string> MakeAsync(
        SandboxRecord sandbox, CreateContainerRequest request, Rollback rollback, CancellationToken cancellationToken)
    {
        // 1
        ContainerConfig config = request.Config;
        ImageRecord image = FindImage(config.Image);
        LinuxContainerSecurityContext? security = config.Linux?.SecurityContext;
        string logPath = LogPaths.Combine(sandbox.Config.LogDirectory, config.LogPath);
        string pidTarget = PidTarget(sandbox, security);
        bool privileged = security?.Privileged ?? false;
        CdiEdits cdi = new CdiRegistry(runtime.Options.CdiDirectories, runtime.Ports.Devices).Resolve(CdiDeviceNames.Of(config));
        IReadOnlyList<(Wire.Device Device, string Access)> devices = DevicePlan.Build(config, privileged, runtime.Ports.Devices, cdi);
        IReadOnlyList<ImageRecord> volumeImages = [.. config.Mounts.Where(MountPlan.IsImage).Select(mount => FindImage(mount.Image))];
        _ = CommandLine.Merge(image.Config.Entrypoint, image.Config.Cmd, config.Command, config.Args);
        _ = ProcessIdentity.UserString(security, image.Config.User);

        // 2
        string id = RuntimeId.New();
        var record = new ContainerRecord
        {
            Id = id,
            SandboxId = sandbox.Id,
            Config = config,
            CreatedAt = 0,
            ImageId = image.Id,
            ImageRef = image.RepoDigests.Count > 0 ? image.RepoDigests[0] : image.Id,
            LogPath = logPath,
            Cgroup = CgroupNames.Container(sandbox.CgroupParent, id),
            StopSignal = SignalNames.StopSignal(config.StopSignal, image.Config.StopSignal),
            Spec = new(),
            Resources = config.Linux?.Resources,
        };
        string directory = runtime.Options.ContainerDirectory(id);
        rollback.Push("remove the container's directory", () => SandboxFiles.Delete(directory));
        Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        CheckpointFile.WriteContainer(directory, record);
        if (logPath.Length > 0)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(logPath)!);
        }

        // 3
        ICgroup cgroup = runtime.Ports.Cgroups.Open(record.Cgroup);
        rollback.Push("remove the control group", cgroup.Remove);
        rollback.Push("remove the root file system", token => runtime.Ports.Rootfs.RemoveAsync(id, token));
        Task<Fd> mounting = Task.Run(() => runtime.Ports.Rootfs.PrepareAsync(new RootfsPlan(id, image, volumeImages, sandbox.Owners), cancellationToken), CancellationToken.None);
        Fd rootfs;
        try
        {
            cgroup.Create(ResourceTranslation.ToCgroup(record.Resources) with { Devices = DefaultSpec.DeviceRules(devices, privileged) });
        }
        finally
        {
            // Also on failure: what it makes must be there before it is undone.
            rootfs = await mounting.ConfigureAwait(false);
            rollback.Push("close the root file system", rootfs.Dispose);
        }

        // 4
        CheckSubPaths(id, config, sandbox.Owners);
        ProcessIdentity identity = ProcessIdentity.Resolve(runtime.Ports.Users, rootfs, security, image.Config.User);
        Dictionary<string, string> volumes = ImageVolumes(id, image, config, sandbox, rootfs, rollback);

        // 5
        record = record with
        {
            UserName = identity.User.Name ?? "",
            Spec = ContainerSpecBuilder.Build(
                new ContainerSpecInput
                {
                    Id = id,
                    Config = config,
                    Sandbox = sandbox,
                    SandboxDirectory = runtime.Options.SandboxDirectory(sandbox.Id),
                    Hostname = sandbox.Config.Hostname.Length > 0 ? sandbox.Config.Hostname : Environment.MachineName,
                    Image = image,
                    Identity = identity,
                    CgroupPaths = cgroup.HostPaths,
                    LogPath = logPath,
                    Devices = devices,
                    ImageVolumes = volumes,
                    Cdi = cdi,
                    VolumeImages = volumeImages,
                    PidTarget = pidTarget,
                },
                runtime.Ports.Security),
        };
        cancellationToken.ThrowIfCancellationRequested();

        // 6
        var entry = new ContainerEntry(record with { CreatedAt = runtime.Time.Nanoseconds() });
        entry.KeepRootfs(rootfs);
        runtime.Containers.Add(entry);
        rollback.Commit();
        return id;
    }

    private ImageRecord FindImage(ImageSpec spec) => runtime.Ports.Images.Find(spec.Image)
        ?? throw new AgentException(ErrorKind.NotFound, $"image \"{spec.Image}\" is not on this node");

    private string PidTarget(SandboxRecord sandbox, LinuxContainerSecurityContext? security)
    {
        if (security?.NamespaceOptions is not { Pid: NamespaceMode.Target } options)
        {
            return "";
        }

        ContainerRecord target = runtime.Containers.Get(options.TargetId).Record;
        return target.SandboxId == sandbox.Id && target.State == ContainerState.ContainerRunning
            ? target.Id
            : throw new AgentException(
                ErrorKind.FailedPrecondition,
                $"cannot share the process IDs of container \"{target.Name}\": it does not run in pod \"{sandbox.PodName}\"");
    }

    // A place that the volume's image does not have is told now, not when the container is started.
    private void CheckSubPaths(string id, ContainerConfig config, SandboxOwners? owners)
    {
        List<Mount> mounts = [.. config.Mounts.Where(MountPlan.IsImage)];
        for (int i = 0; i < mounts.Count; i++)
        {
            string path = mounts[i].ImageSubPath;
            if (path.Length == 0)
            {
                continue;
            }

            using Fd volume = runtime.Ports.Rootfs.OpenVolume(id, i, owners);
            if (!runtime.Ports.Volumes.Has(volume, path))
            {
                throw new AgentException(
                    ErrorKind.InvalidArgument, $"cannot mount image \"{mounts[i].Image.Image}\" at \"{mounts[i].ContainerPath}\": it has no \"{path}\"");
            }
        }
    }

    private Dictionary<string, string> ImageVolumes(
        string id, ImageRecord image, ContainerConfig config, SandboxRecord sandbox, Fd rootfs, Rollback rollback)
    {
        var volumes = new Dictionary<string, string>(StringComparer.Ordinal);
        string parent = runtime.Options.ContainerVolumes(id);
        foreach (string place in image.Config.Volumes)
        {
            // A mount of the configuration at this place wins; there is nothing to keep then.
            if (config.Mounts.Any(mount => mount.ContainerPath.TrimEnd('/') == place.TrimEnd('/')))
            {
                continue;
            }

            if (volumes.Count == 0)
            {
                rollback.Push("remove the image's volumes", () => SandboxFiles.Delete(parent));
            }

            string directory = Path.Combine(parent, volumes.Count.ToString(System.Globalization.CultureInfo.InvariantCulture));
            Directory.CreateDirectory(parent, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            runtime.Ports.Volumes.Populate(rootfs, place, directory, sandbox.Owners?.Mapping);
            volumes.Add(place, directory);
        }

        return volumes;
    }
}
