using System.Text.Json;
using PodAgent.Api.Cri;
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
            Mounts = { record.Config.Mounts },
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
            StopSignal = record.Config.StopSignal,
        };
        if (record.Resources is not null)
        {
            status.Resources = new ContainerResources { Linux = record.Resources };
        }

        return status;
    }

    public static ContainerAttributes ToAttributes(ContainerRecord record) => new()
    {
        Id = record.Id,
        Metadata = record.Config.Metadata,
        Labels = { record.Config.Labels },
        Annotations = { record.Config.Annotations },
    };

    /// <summary>The verbose answer: what a person who looks for a fault wants beside the status.</summary>
    public static string ToInfo(ContainerRecord record)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("sandboxID", record.SandboxId);
            json.WriteNumber("pid", record.Pid);
            json.WriteString("cgroup", record.Cgroup);
            json.WriteNumber("stopSignal", record.StopSignal);
            json.WritePropertyName("runtimeSpec");
            json.WriteRawValue(Google.Protobuf.JsonFormatter.Default.Format(record.Spec));
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }
}
