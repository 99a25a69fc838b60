using PodAgent.Linux.Systemd;

namespace PodAgent.Cri.Sandboxes;

/// <summary>
/// Names of control groups below a given one. Below a slice they are slices and scopes, elsewhere plain directories: so the path in a record
/// tells what it was made as, also to an agent with another cgroup driver.
/// </summary>
internal static class CgroupNames
{
    private const string Prefix = "podagent-";
    private const string Scope = ".scope";

    /// <summary>The group of a pod for which the client named none.</summary>
    public static string Pod(string parent, string sandboxId) =>
        SliceName.Ends(parent) ? SliceName.Inside(parent, sandboxId) : $"{parent}/{sandboxId}";

    /// <summary>The group of a container, or of pause.</summary>
    public static string Container(string pod, string id) => SliceName.Ends(pod) ? $"{pod}/{Prefix}{id}{Scope}" : $"{pod}/{id}";

    /// <summary>The sandbox whose group, made by <see cref="Pod"/>, has this name; null: it is none of those.</summary>
    public static string? SandboxOf(string parent, string name)
    {
        string id = name;
        if (SliceName.Ends(parent))
        {
            // The last level of the slice's name.
            id = SliceName.Ends(name) ? name[(name.LastIndexOf('-') + 1)..^".slice".Length] : "";
        }

        return RuntimeId.IsWellFormed(id) && Pod(parent, id) == $"{parent}/{name}" ? id : null;
    }
}
