using PodAgent.Linux.Files;
using PodAgent.Linux.Mounting;

namespace PodAgent.Pods.Volumes;

/// <summary>Makes a pod's volumes ready before its sandbox, and removes every trace of them when the pod is gone.</summary>
internal sealed class VolumeHost
{
    private readonly PodDirectories _directories;
    private readonly NodeFacts _node;

    public VolumeHost(PodDirectories directories, NodeFacts node)
    {
        _directories = directories;
        _node = node;
    }

    /// <summary>Idempotent: what is ready stays as it is, contents included.</summary>
    /// <exception cref="VolumeException">The first volume that cannot be made ready.</exception>
    public IReadOnlyDictionary<string, PreparedVolume> Prepare(Core.Pod pod)
    {
        Dictionary<string, PreparedVolume> prepared = new(StringComparer.Ordinal);
        foreach (Core.Volume volume in pod.Spec.Volumes)
        {
            prepared[volume.Name] = Prepare(pod, volume);
        }

        return prepared;
    }

    /// <summary>Removes a pod's volumes once nothing of it runs; its hosts file and termination messages stay.</summary>
    /// <exception cref="IOException">Something is still in use; try again later.</exception>
    public void RemoveVolumes(string uid)
    {
        Unmount(_directories.FilesOf(uid));
        Remove(_directories.VolumesOf(uid), uid);
    }

    /// <summary>Removes everything on disk that belongs to a pod.</summary>
    /// <exception cref="IOException">Something is still in use; try again later.</exception>
    public void Remove(string uid)
    {
        Remove(_directories.VolumesOf(uid), uid);
        Remove(_directories.FilesOf(uid), uid);
    }

    /// <summary>UIDs that have something on disk.</summary>
    public IEnumerable<string> List() => Children(_directories.Volumes).Concat(Children(Path.Combine(_directories.State, "pods"))).Distinct();

    private PreparedVolume Prepare(Core.Pod pod, Core.Volume volume)
    {
        string? problem = VolumeSupport.Problem(volume);
        if (problem is not null)
        {
            throw new VolumeException(volume.Name, problem);
        }

        string directory = Path.Combine(_directories.VolumesOf(pod.Metadata.Uid), volume.Name);
        try
        {
            return volume.VolumeSource switch
            {
                { HostPath: { } hostPath } => HostPathVolume.Prepare(volume.Name, hostPath),
                { DownwardAPI: { } downward } => DownwardApiVolume.Prepare(volume.Name, directory, pod, downward, _node),
                _ => EmptyDirVolume.Prepare(directory, pod, volume.VolumeSource?.EmptyDir, _node),
            };
        }
        catch (Exception e) when (e is LinuxException or IOException or UnauthorizedAccessException)
        {
            throw new VolumeException(volume.Name, e.Message, e);
        }
    }

    private static void Remove(string directory, string uid)
    {
        if (!Directory.Exists(directory))
        {
            return;
        }

        Unmount(directory);
        // A subPath may be a directory of the host: deleting through a mount that stayed would delete the user's data.
        if (MountPoint.Below(directory).Count > 0)
        {
            throw new IOException($"cannot remove \"{directory}\" of pod {uid}: something is still mounted there");
        }

        // What is below was the workload's to name: it may be deeper than any path that the kernel takes.
        DirectoryEntries.RemoveTree(directory);
    }

    private static void Unmount(string directory)
    {
        foreach (MountPoint mount in MountPoint.Below(directory))
        {
            Mounts.TryUnmount(mount.Path, detach: true);
        }
    }

    private static IEnumerable<string> Children(string directory) =>
        Directory.Exists(directory) ? Directory.EnumerateDirectories(directory).Select(d => Path.GetFileName(d)!) : [];
}
