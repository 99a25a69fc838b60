using PodAgent.Api.Cri;
using PodAgent.Containers.Cgroups;

namespace PodAgent.Cri.Containers.Specs;

/// <summary>Which device nodes a container's processes may use, as its control group enforces it.</summary>
internal static class DeviceRules
{
    // Every node may be made, as CAP_MKNOD is in the default set; what is not listed cannot be opened.
    private static readonly DeviceRule[] s_standard =
    [
        DeviceRule.DenyAll,
        new(true, 'c', null, null, "m"),
        new(true, 'b', null, null, "m"),
        new(true, 'c', 1, 3, "rwm"),
        new(true, 'c', 1, 5, "rwm"),
        new(true, 'c', 1, 7, "rwm"),
        new(true, 'c', 1, 8, "rwm"),
        new(true, 'c', 1, 9, "rwm"),
        new(true, 'c', 5, 0, "rwm"),
        new(true, 'c', 5, 1, "rwm"),
        new(true, 'c', 5, 2, "rwm"),
        new(true, 'c', 136, null, "rwm"),
    ];

    public static DeviceRule[] For(DevicePlan devices, LinuxContainerSecurityContext? security) => security is { Privileged: true }
        ? [DeviceRule.AllowAll]
        : [.. s_standard, .. devices.Granted.Select(granted =>
            new DeviceRule(true, granted.Device.Type, granted.Device.Major, granted.Device.Minor, granted.Access))];
}
