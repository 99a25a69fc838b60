using PodAgent.Linux;

namespace PodAgent.Containers.Cgroups;

/// <summary>
/// Checks names of cgroups before they become paths: they carry pod and container identifiers that others chose (a component <c>..</c>
/// would leave the agent's own tree).
/// </summary>
internal static class CgroupPath
{
    public static string Normalize(string path)
    {
        string trimmed = path.Trim('/');
        if (trimmed.Length == 0)
        {
            throw new AgentException(ErrorKind.InvalidArgument, $"invalid cgroup path \"{path}\": it names the root cgroup");
        }

        foreach (string part in trimmed.Split('/'))
        {
            if (part is "" or "." or "..")
            {
                throw new AgentException(ErrorKind.InvalidArgument, $"invalid cgroup path \"{path}\": component \"{part}\" is not a name");
            }

            if (part.Length > 255 || part.AsSpan().ContainsAny('\n', '\0'))
            {
                throw new AgentException(ErrorKind.InvalidArgument, $"invalid cgroup path \"{path}\": a component is longer than 255 characters or contains a line break");
            }

            // The kernel's own files share the directory: "cgroup.procs" as a name would collide with them.
            if (part.StartsWith("cgroup.", StringComparison.Ordinal) || part is "tasks" or "notify_on_release" or "release_agent")
            {
                throw new AgentException(ErrorKind.InvalidArgument, $"invalid cgroup path \"{path}\": \"{part}\" is reserved by the kernel");
            }
        }

        return trimmed;
    }

    /// <summary>The path of a cgroup directly below a normalised one.</summary>
    public static string Child(string path, string name) =>
        name.Contains('/')
            ? throw new AgentException(ErrorKind.InvalidArgument, $"invalid cgroup name \"{name}\": it contains a slash")
            : Normalize($"{path}/{(name.Length == 0 ? "." : name)}");

    /// <summary>The ancestors of a normalised path and the path itself, outermost first: a, a/b, a/b/c.</summary>
    public static IEnumerable<string> Levels(string path)
    {
        for (int i = path.IndexOf('/'); i >= 0; i = path.IndexOf('/', i + 1))
        {
            yield return path[..i];
        }

        yield return path;
    }
}
