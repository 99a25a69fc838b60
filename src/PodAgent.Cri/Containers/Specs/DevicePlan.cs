using PodAgent.Api.Cri;
using PodAgent.Cri.Cdi;
using PodAgent.Cri.Ports;
using PodAgent.Linux;
using Wire = PodAgent.Containers.Protocol;

namespace PodAgent.Cri.Containers.Specs;

/// <summary>Device nodes of a container beyond the standard ones, with what its processes may do with them.</summary>
internal static class DevicePlan
{
    /// <summary>All devices of the node for a privileged container, and those that the configuration names.</summary>
    /// <exception cref="AgentException">InvalidArgument.</exception>
    /// <param name="config">The configuration.</param>
    /// <param name="privileged">Whether it gets all devices.</param>
    /// <param name="devices">The node's devices.</param>
    /// <param name="cdi">Devices of its CDI names.</param>
    public static IReadOnlyList<(Wire.Device Device, string Access)> Build(
        ContainerConfig config, bool privileged, IHostDevices devices, CdiEdits cdi)
    {
        var plan = new List<(Wire.Device Device, string Access)>();
        if (privileged)
        {
            foreach (HostDevice device in devices.All())
            {
                Add(plan, device, device.Path, "rwm");
            }
        }

        foreach (Device asked in config.Devices)
        {
            string access = asked.Permissions.Length > 0 ? asked.Permissions : "rwm";
            if (!asked.ContainerPath.StartsWith('/') || access.Any(letter => !"rwm".Contains(letter, StringComparison.Ordinal)))
            {
                throw new AgentException(
                    ErrorKind.InvalidArgument, $"device \"{asked.HostPath}\" at \"{asked.ContainerPath}\" with \"{access}\" is not possible");
            }

            foreach (HostDevice device in devices.Read(asked.HostPath))
            {
                // A directory of devices appears below the container's path with its own structure.
                Add(plan, device, asked.ContainerPath.TrimEnd('/') + device.Path[asked.HostPath.TrimEnd('/').Length..], access);
            }
        }

        foreach ((Wire.Device device, string access) in cdi.Devices)
        {
            plan.RemoveAll(other => other.Device.Path == device.Path);
            plan.Add((device, access));
        }

        return plan;
    }

    private static void Add(List<(Wire.Device Device, string Access)> plan, HostDevice device, string path, string access)
    {
        plan.RemoveAll(other => other.Device.Path == path);
        var node = new Wire.Device
        {
            Path = path,
            Type = device.Type.ToString(),
            Major = device.Major,
            Minor = device.Minor,
            Mode = device.Mode,
            Uid = device.Uid,
            Gid = device.Gid,
        };
        plan.Add((node, access));
    }
}
