using PodAgent.Api.Core;

namespace PodAgent.Api.Validation;

/// <summary>The rules for a container's ports.</summary>
internal static class PortValidation
{
    public static void Validate(IReadOnlyList<ContainerPort> ports, string path, PodContext context, HashSet<string> hostPorts)
    {
        FieldErrors errors = context.Errors;
        HashSet<string> names = new(StringComparer.Ordinal);
        for (int index = 0; index < ports.Count; index++)
        {
            ContainerPort port = ports[index];
            string portPath = $"{path}[{index}]";
            if (port.Name.Length > 0)
            {
                errors.Invalid(portPath + ".name", port.Name, NameRules.PortName(port.Name));
                if (!names.Add(port.Name))
                {
                    errors.Duplicate(portPath + ".name", port.Name);
                }
            }

            ValidateNumbers(port, portPath, context, hostPorts);
            if (port.Protocol.Length == 0)
            {
                errors.Required(portPath + ".protocol");
            }
            else
            {
                errors.OneOf(portPath + ".protocol", port.Protocol, "SCTP", "TCP", "UDP");
            }

            if (port.HostIP.Length > 0)
            {
                errors.Invalid(portPath + ".hostIP", port.HostIP, NameRules.IpAddress(port.HostIP));
            }
        }
    }

    private static void ValidateNumbers(ContainerPort port, string path, PodContext context, HashSet<string> hostPorts)
    {
        FieldErrors errors = context.Errors;
        if (port.ContainerPort_ == 0)
        {
            errors.Required(path + ".containerPort");
        }
        else
        {
            errors.Invalid(path + ".containerPort", port.ContainerPort_, NameRules.Port(port.ContainerPort_));
        }

        if (port.HostPort != 0)
        {
            errors.Invalid(path + ".hostPort", port.HostPort, NameRules.Port(port.HostPort));
            string taken = $"{port.Protocol}/{port.HostIP}/{port.HostPort}";
            if (!hostPorts.Add(taken))
            {
                errors.Duplicate(path + ".hostPort", taken);
            }
        }

        if (context.Spec.HostNetwork && port.HostPort != port.ContainerPort_)
        {
            errors.Invalid(path + ".containerPort", port.ContainerPort_, "must match `hostPort` when `hostNetwork` is true");
        }
    }
}
