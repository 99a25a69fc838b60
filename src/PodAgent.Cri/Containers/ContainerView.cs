using PodAgent.Api.Cri;
using PodAgent.Cri.Containers.Specs;
using PodAgent.Cri.Stores;

namespace PodAgent.Cri.Containers;

/// <summary>A container's record in CRI's messages.</summary>
internal static class ContainerView
{
    public static Container ToListItem(ContainerRecord record) => new()
    {
        Id = record.Id,
        PodSandboxId = record.SandboxId,
        Metadata = record.Config.Metadata,
        Image = record.Config.Image,
        ImageRef = record.ImageRef,
        ImageId = record.ImageId,
        State = record.State,
        CreatedAt = record.CreatedAt,
        Labels = { record.Config.Labels },
        Annotations = { record.Config.Annotations },
    };

    public static ContainerStatus ToStatus(ContainerRecord record)
    {
        var status = new ContainerStatus
        {
            Id = record.Id,
            Metadata = record.Config.Metadata,
            State = record.State,
            CreatedAt = record.CreatedAt,
            StartedAt = record.StartedAt,
            FinishedAt = record.FinishedAt,
            ExitCode = record.ExitCode,
            Image = record.Config.Image,
            ImageRef = record.ImageRef,
            ImageId = record.ImageId,
            Reason = record.Reason,
            Message = record.Message,
            Labels = { record.Config.Labels },
            Annotations = { record.Config.Annotations },

            // Only what was asked for: clients compare.
            Mounts = { record.Config.Mounts.Select(mount => MountPlan.IsImage(mount) ? WithImage(mount, record) : mount) },
            LogPath = record.LogPath,
            User = new ContainerUser
            {
                Linux = new LinuxContainerUser
                {
                    Uid = record.Spec.Process.Uid,
                    Gid = record.Spec.Process.Gid,
                    SupplementalGroups = { record.Spec.Process.AdditionalGids.Select(gid => (long)gid) },
                },
            },

            // The one that it will get, not what was asked for: clients take the default for "this runtime does not tell".
            StopSignal = record.Config.StopSignal != Signal.RuntimeDefault ? record.Config.StopSignal : SignalNames.Of(record.StopSignal),
        };
        if (record.Resources is not null)
        {
            status.Resources = new ContainerResources { Linux = record.Resources };
        }

        return status;
    }

    /// <summary>
    /// A pod's containers, the newest first: a kubelet that lives on events takes the first one with a container's name for its latest attempt.
    /// </summary>
    public static IEnumerable<ContainerStatus> ToStatuses(IEnumerable<ContainerEntry> containers) =>
        containers.Select(entry => entry.Record).OrderByDescending(container => container.CreatedAt).Select(ToStatus);

    // Which image it turned out to be.
    private static Mount WithImage(Mount mount, ContainerRecord record)
    {
        Mount result = mount.Clone();
        string place = MountPlan.Clean(mount.ContainerPath);
        result.Image.ImageRef = record.Spec.Mounts.FirstOrDefault(made => made.HasSourceFd && made.Destination == place)?.Source ?? "";
        return result;
    }

    public static ContainerAttributes ToAttributes(ContainerRecord record) => new()
    {
        Id = record.Id,
        Metadata = record.Config.Metadata,
        Labels = { record.Config.Labels },
        Annotations = { record.Config.Annotations },
    };
}
