using PodAgent.Linux;

namespace PodAgent.Containers.Cgroups;

/// <summary>Checks the names of huge page sizes, which become part of a file name.</summary>
internal static class HugepageSize
{
    public static string Validate(string size, string cgroup)
    {
        string digits = size.TrimEnd('K', 'M', 'G', 'B');
        bool valid = digits.Length > 0 && digits.All(char.IsAsciiDigit) && size[digits.Length..] is ("KB" or "MB" or "GB");
        return valid ? size : throw new AgentException(ErrorKind.InvalidArgument, $"invalid huge page size \"{size}\" for cgroup \"{cgroup}\": expected a form like \"2MB\"");
    }
}
