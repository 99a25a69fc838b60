using PodAgent.Api.Cri;
using PodAgent.Containers.Cgroups;
using PodAgent.Cri.Ports;
using PodAgent.Linux;
using Wire = PodAgent.Containers.Protocol;

namespace PodAgent.Cri.Containers.Specs;

/// <summary>Device nodes of a container beyond the standard ones, and the rules that let it use them.</summary>
internal sealed class DevicePlan
{
    private readonly List<Wire.Device> _nodes = [];
    private readonly List<(HostDevice Device, string Access)> _granted = [];

    public IReadOnlyList<Wire.Device> Nodes => _nodes;

    public IReadOnlyList<(HostDevice Device, string Access)> Granted => _granted;

    public static DevicePlan Build(ContainerConfig config, bool privileged, IHostDevices devices)
    {
        var plan = new DevicePlan();
        if (privileged)
        {
            foreach (HostDevice device in devices.All())
            {
                plan.Add(device, device.Path, "rwm");
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
                plan.Add(device, asked.ContainerPath.TrimEnd('/') + device.Path[asked.HostPath.TrimEnd('/').Length..], access);
            }
        }

        return plan;
    }

    private void Add(HostDevice device, string path, string access)
    {
        _nodes.RemoveAll(node => node.Path == path);
        _nodes.Add(new Wire.Device
        {
            Path = path,
            Type = device.Type.ToString(),
            Major = device.Major,
            Minor = device.Minor,
            Mode = device.Mode,
            Uid = device.Uid,
            Gid = device.Gid,
        });
        _granted.Add((device, access));
    }
}
