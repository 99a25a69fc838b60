using PodAgent.Api.Cri;
using PodAgent.Cri.Containers.Specs;
using PodAgent.Cri.Ports;
using PodAgent.Cri.Sandboxes;
using PodAgent.Cri.Stores;
using PodAgent.Linux;
using Wire = PodAgent.Containers.Protocol;

namespace PodAgent.Cri.Containers;

/// <summary>
/// StartContainer. When the container cannot be started it ends as 128, StartError, with the step that failed, as clients know it from
/// other runtimes; the call fails too. One that systemd does not take is killed again.
/// </summary>
internal sealed class StartContainer(CriContext runtime)
{
    private const int StartErrorCode = 128;

    public async Task<StartContainerResponse> InvokeAsync(StartContainerRequest request, CancellationToken cancellationToken)
    {
        ContainerEntry entry = runtime.Containers.Get(request.ContainerId);
        await entry.Lifecycle.WaitAsync(cancellationToken).ConfigureAwait(false);

        // A caller that leaves does not take back what the supervisor may have done already.
        await StartAsync(entry).WaitAsync(cancellationToken).ConfigureAwait(false);
        return new StartContainerResponse();
    }

    private async Task StartAsync(ContainerEntry entry)
    {
        try
        {
            ContainerGuards.Check(entry.Record, ContainerVerb.Start);
            SandboxSupervision supervision = RunningSandbox(entry.Record);
            await StartAsync(entry, supervision).ConfigureAwait(false);
        }
        finally
        {
            entry.Lifecycle.Release();
        }
    }

    private SandboxSupervision RunningSandbox(ContainerRecord record)
    {
        SandboxEntry sandbox = runtime.Sandboxes.Get(record.SandboxId);
        return sandbox is { Record.State: PodSandboxState.SandboxReady, Supervision: { } supervision }
            ? supervision
            : throw new AgentException(
                ErrorKind.FailedPrecondition,
                $"cannot start container \"{record.Name}\": sandbox {RuntimeId.Short(record.SandboxId)} is not ready");
    }

    private async Task StartAsync(ContainerEntry entry, SandboxSupervision supervision)
    {
        ContainerRecord record = entry.Record;
        Wire.StartReply reply;
        try
        {
            SandboxOwners? owners = runtime.Sandboxes.Get(record.SandboxId).Record.Owners;
            using Fd rootfs = entry.TakeRootfs() ?? runtime.Ports.Rootfs.Reopen(record.Id, owners);
            List<Fd> volumes = [];
            try
            {
                OpenVolumes(record, owners, volumes);
                reply = await supervision.Supervisor.StartContainerAsync(record.Spec, [rootfs, .. volumes], CancellationToken.None).ConfigureAwait(false);
                await RegisterAsync(entry, reply.Pid).ConfigureAwait(false);
            }
            finally
            {
                volumes.ForEach(volume => volume.Dispose());
            }
        }
        catch (Exception failure)
        {
            string cause = Failures.Cause(failure);
            entry.Update(now => now.State != ContainerState.ContainerCreated ? now : now with
            {
                FinishedAt = runtime.Time.Nanoseconds(),
                ExitCode = StartErrorCode,
                Reason = "StartError",
                Message = cause,
            });
            entry.Exited.TrySetResult();
            throw Failures.Translate($"cannot start container \"{record.Name}\"", failure);
        }

        // The end may have been reported before the start was answered.
        entry.Update(now => now.State != ContainerState.ContainerCreated
            ? now
            : now with { StartedAt = reply.StartedAt, Pid = reply.Pid });
    }

    private async Task RegisterAsync(ContainerEntry entry, int process)
    {
        ContainerRecord record = entry.Record;
        ICgroup cgroup = runtime.Ports.Cgroups.Open(record.Cgroup);
        try
        {
            await cgroup.RegisterAsync(process, ResourceTranslation.ToCgroup(record.Resources)).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // A container that has ended meanwhile needs no unit any more; its end is told as that of any other.
            if (cgroup.HasProcesses)
            {
                cgroup.Kill();
                throw;
            }
        }
    }

    // In the order of their descriptor numbers in the specification.
    private void OpenVolumes(ContainerRecord record, SandboxOwners? owners, List<Fd> volumes)
    {
        int count = record.Config.Mounts.Count(MountPlan.IsImage);
        for (int i = 0; i < count; i++)
        {
            volumes.Add(runtime.Ports.Rootfs.OpenVolume(record.Id, i, owners));
        }
    }
}
