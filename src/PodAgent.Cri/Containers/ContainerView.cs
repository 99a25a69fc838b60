using System.Text.Json;
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
            StopSignal = record.Config.StopSignal,
        };
        if (record.Resources is not null)
        {
            status.Resources = new ContainerResources { Linux = record.Resources };
        }

        return status;
    }

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
            json.WriteNumber("uid", record.Spec.Process.Uid);
            json.WriteNumber("gid", record.Spec.Process.Gid);
            json.WriteString("workingDir", record.Spec.Process.WorkingDir);
            Write(json, "args", record.Spec.Process.Args);
            Write(json, "env", record.Spec.Process.Env);
            Write(json, "mounts", record.Spec.Mounts.Select(mount => $"{mount.Destination} {mount.Type} {mount.Source} {string.Join(',', mount.Options)}"));
            json.WriteString("capabilities", $"{record.Spec.Process.Capabilities?.Bounding ?? 0:x16}");
            json.WriteBoolean("seccomp", record.Spec.Process.Seccomp.Length > 0);
            json.WriteBoolean("noNewPrivileges", record.Spec.Process.NoNewPrivileges);
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static void Write(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }
}
