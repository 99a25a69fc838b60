using PodAgent.Linux;
using PodAgent.Linux.Cgroups;

namespace PodAgent.Containers.Cgroups.V2;

/// <summary>Devices: version 2 has no files for them, a BPF program decides.</summary>
internal static class DevicesController
{
    public static void Apply(ControllerDirectory directory, CgroupResources resources)
    {
        if (resources.Devices is not { } rules)
        {
            return;
        }

        try
        {
            using Fd program = CgroupDevicePrograms.Load(DeviceProgram.Assemble(rules));
            CgroupDevicePrograms.Replace(directory.Path, program);
        }
        catch (LinuxException e)
        {
            string cause = e.Errno is Errno.EPERM or Errno.ENOSYS
                ? "the kernel does not allow BPF programs for devices here (needs CAP_BPF and CONFIG_CGROUP_BPF)"
                : e.Message;
            throw new AgentException(ErrorKind.FailedPrecondition, $"cannot set device rules of cgroup \"{directory.Cgroup}\": {cause}", e);
        }
    }
}
