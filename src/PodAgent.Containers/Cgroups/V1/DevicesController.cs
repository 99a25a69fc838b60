namespace PodAgent.Containers.Cgroups.V1;

/// <summary>devices: devices.allow and devices.deny, one rule per write, in order.</summary>
internal static class DevicesController
{
    public static void Apply(ControllerDirectory directory, CgroupResources resources)
    {
        if (resources.Devices is not { } rules)
        {
            return;
        }

        // What no rule matches is denied; a v1 cgroup starts with its parent's list instead, so the list begins with an empty one.
        if (rules.Length == 0 || rules[0].Type != 'a')
        {
            directory.Write("devices.deny", "a");
        }

        foreach (DeviceRule rule in rules)
        {
            // "a" resets the whole list; the kernel ignores what follows it.
            directory.Write(rule.Allow ? "devices.allow" : "devices.deny", rule.Type == 'a' ? "a" : rule.ToString());
        }
    }
}
