using PodAgent.Api.Cri;
using PodAgent.Cri.Sandboxes;

namespace PodAgent.Cri.Containers.Specs;

/// <summary>What a container's mounts must be like.</summary>
internal static class MountValidation
{
    private static readonly string[] s_options = ["noexec", "nosuid", "nodev"];

    /// <summary>Names everything that is wrong with the configuration's mounts.</summary>
    public static IEnumerable<string> Problems(IReadOnlyList<Mount> mounts, NamespaceOption pod, Func<string, bool> hostPathExists)
    {
        for (int i = 0; i < mounts.Count; i++)
        {
            Mount mount = mounts[i];
            string field = $"mounts[{i}]";
            if (!mount.ContainerPath.StartsWith('/') || mount.ContainerPath.Contains('\0') || MountPlan.Clean(mount.ContainerPath) == "/")
            {
                yield return $"{field}.container_path: \"{mount.ContainerPath}\" is not an absolute path below /";
            }

            IEnumerable<string> problems = MountPlan.IsImage(mount) ? OfImage(mount, field) : OfHostPath(mount, field, hostPathExists);
            foreach (string problem in problems.Concat(OfOptions(mount, field, pod)))
            {
                yield return problem;
            }
        }
    }

    private static IEnumerable<string> OfHostPath(Mount mount, string field, Func<string, bool> hostPathExists)
    {
        if (!mount.HostPath.StartsWith('/') || mount.HostPath.Contains('\0'))
        {
            yield return $"{field}.host_path: \"{mount.HostPath}\" is not an absolute path";
        }
        else if (!hostPathExists(mount.HostPath))
        {
            yield return $"cannot mount \"{mount.HostPath}\" at \"{mount.ContainerPath}\": hostPath \"{mount.HostPath}\" does not exist";
        }

        if (mount.ImageSubPath.Length > 0)
        {
            yield return $"{field}.image_sub_path: needs image";
        }
    }

    private static IEnumerable<string> OfImage(Mount mount, string field)
    {
        if (mount.HostPath.Length > 0)
        {
            yield return $"{field}.host_path: cannot be combined with image";
        }

        if (!mount.Readonly)
        {
            yield return $"{field}.readonly: an image can only be mounted read-only";
        }

        if (mount.Propagation != MountPropagation.PropagationPrivate)
        {
            yield return $"{field}.propagation: an image can only be mounted with private propagation";
        }

        if (mount.ImageSubPath.StartsWith('/') || mount.ImageSubPath.Contains('\0') || mount.ImageSubPath.Split('/').Contains(".."))
        {
            yield return $"{field}.image_sub_path: \"{mount.ImageSubPath}\" is not a relative path without \"..\"";
        }
    }

    private static IEnumerable<string> OfOptions(Mount mount, string field, NamespaceOption pod)
    {
        if (!Enum.IsDefined(mount.Propagation))
        {
            yield return $"{field}.propagation: {(int)mount.Propagation} is not known";
        }

        if (mount.RecursiveReadOnly && !mount.Readonly)
        {
            yield return $"{field}.recursive_read_only: needs readonly";
        }

        if (mount.RecursiveReadOnly && mount.Propagation != MountPropagation.PropagationPrivate)
        {
            yield return $"{field}.recursive_read_only: needs private propagation";
        }

        if (mount.UidMappings.Count + mount.GidMappings.Count > 0 && !UserNamespaceOptions.Agree(mount.UidMappings, mount.GidMappings, pod))
        {
            yield return $"{field}: mappings of users and groups that are not those of the pod's user namespace are not supported";
        }

        foreach (string option in mount.MountOptions.Except(s_options))
        {
            yield return $"{field}.mount_options: \"{option}\" is none of {string.Join(", ", s_options)}";
        }
    }
}
