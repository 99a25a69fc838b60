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

        // A container has more than a dozen rules: each file is opened once for a run of them.
        int next = 0;
        while (next < rules.Length)
        {
            bool allow = rules[next].Allow;
            int first = next;
            while (next < rules.Length && rules[next].Allow == allow)
            {
                next++;
            }

            // "a" resets the whole list; the kernel ignores what follows it.
            directory.WriteEach(allow ? "devices.allow" : "devices.deny", rules[first..next].Select(rule => rule.Type == 'a' ? "a" : rule.ToString()));
        }
    }
}
