using PodAgent.Api.Core;

namespace PodAgent.Api.Validation;

/// <summary>The rules for kernel parameters. Which of them a node allows is for the node to say.</summary>
internal static class SysctlValidation
{
    public static void Validate(IReadOnlyList<Sysctl> sysctls, string path, PodSpec spec, FieldErrors errors)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        for (int index = 0; index < sysctls.Count; index++)
        {
            Sysctl sysctl = sysctls[index];
            string itemPath = $"{path}[{index}]";
            if (sysctl.Name.Length == 0)
            {
                errors.Required(itemPath + ".name");
                continue;
            }

            errors.Invalid(itemPath + ".name", sysctl.Name, NameRules.Sysctl(sysctl.Name));
            string name = sysctl.Name.Replace('/', '.');
            if (!names.Add(name))
            {
                errors.Duplicate(itemPath + ".name", sysctl.Name);
            }

            ValidateValue(sysctl.Value, itemPath + ".value", errors);
            if (spec.HostNetwork && name.StartsWith("net.", StringComparison.Ordinal))
            {
                errors.Invalid(itemPath + ".name", sysctl.Name, "may not be specified when 'hostNetwork' is true");
            }

            if (spec.HostIPC && IsIpc(name))
            {
                errors.Invalid(itemPath + ".name", sysctl.Name, "may not be specified when 'hostIPC' is true");
            }
        }
    }

    /// <summary>
    /// A "+" or a newline once turned one harmless parameter into several of the attacker's choice, core_pattern among them (CVE-2022-0811).
    /// </summary>
    private static void ValidateValue(string value, string path, FieldErrors errors)
    {
        if (value.Length == 0)
        {
            errors.Required(path);
        }
        else if (value.Contains('+', StringComparison.Ordinal) || value.Any(character => char.IsControl(character) && character != '\t'))
        {
            errors.Invalid(path, value, "must not contain '+' or control characters");
        }
    }

    private static bool IsIpc(string name) =>
        name is "kernel.sem"
        || name.StartsWith("kernel.shm", StringComparison.Ordinal)
        || name.StartsWith("kernel.msg", StringComparison.Ordinal)
        || name.StartsWith("fs.mqueue.", StringComparison.Ordinal);
}
