using System.Text;
using PodAgent.Linux.Files;
using PodAgent.Pods.Config;

namespace PodAgent.Pods.Volumes;

/// <summary>downwardAPI: the pod's own fields as files. Written anew for each sandbox; each file is replaced atomically.</summary>
internal static class DownwardApiVolume
{
    public static PreparedVolume Prepare(string volume, string directory, Core.Pod pod, Core.DownwardAPIVolumeSource source, NodeFacts node)
    {
        Directory.CreateDirectory(directory);
        foreach (Core.DownwardAPIVolumeFile item in source.Items)
        {
            string? value = item.FieldRef is { } field ? PodFields.Field(pod, field.FieldPath, [], node)
                : item.ResourceFieldRef is { } resource ? PodFields.Resource(pod, pod.Spec.Containers[0], resource, node)
                : null;
            if (value is null || item.Path.Length == 0 || item.Path.StartsWith('/') || item.Path.Split('/').Contains(".."))
            {
                throw new VolumeException(volume, $"downwardAPI item \"{item.Path}\" cannot be written: its path or its field is not valid");
            }

            string file = Path.Combine(directory, item.Path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            uint mode = item.HasMode ? (uint)item.Mode : source.HasDefaultMode ? (uint)source.DefaultMode : 0b110_100_100u;
            AtomicFile.Write(file, Encoding.UTF8.GetBytes(value), mode);
        }

        return new PreparedVolume(directory, ReadOnly: true);
    }
}
