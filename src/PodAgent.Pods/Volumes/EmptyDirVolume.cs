using System.Globalization;
using PodAgent.Linux.Files;
using PodAgent.Linux.Mounting;

namespace PodAgent.Pods.Volumes;

/// <summary>emptyDir: a directory of the pod's own, on disk or a tmpfs, that lives as long as the pod.</summary>
internal static class EmptyDirVolume
{
    public static PreparedVolume Prepare(string directory, Core.Pod pod, Core.EmptyDirVolumeSource? source, NodeFacts node)
    {
        bool created = !Directory.Exists(directory);
        Directory.CreateDirectory(directory);
        if (source?.Medium == "Memory" && MountPoint.Below(directory).All(mount => mount.Path != directory))
        {
            string data = $"mode=777,size={Size(pod, source, node).ToString(CultureInfo.InvariantCulture)}";
            Mounts.Mount("tmpfs", directory, "tmpfs", MountFlags.NoSuid | MountFlags.NoDevices, data);
            created = true;
        }

        if (created)
        {
            // Any user of the pod may write; with an fsGroup new files belong to it.
            bool grouped = pod.Spec.SecurityContext is { HasFsGroup: true };
            FileTree.SetPermissions(directory, grouped ? 0b010_111_111_111u : 0b111_111_111u);
            if (grouped)
            {
                FileTree.SetOwner(directory, 0, (uint)pod.Spec.SecurityContext!.FsGroup);
            }
        }

        return new PreparedVolume(directory);
    }

    /// <summary>The smallest of the volume's limit, what the pod may use, and the node's memory. Bytes.</summary>
    internal static long Size(Core.Pod pod, Core.EmptyDirVolumeSource source, NodeFacts node)
    {
        long size = node.MemoryCapacity;
        long podLimit = Config.LinuxResources.OfPod(pod).MemoryLimitInBytes;
        if (podLimit > 0)
        {
            size = Math.Min(size, podLimit);
        }

        long limit = source.SizeLimit?.Value() ?? 0;
        return limit > 0 ? Math.Min(size, limit) : size;
    }
}
