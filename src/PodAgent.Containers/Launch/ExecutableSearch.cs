using PodAgent.Linux.Files;

namespace PodAgent.Containers.Launch;

/// <summary>Finds the program of a command line as a shell would (environ(7), PATH).</summary>
internal static class ExecutableSearch
{
    /// <summary>What applies when the environment has no PATH: the one that image builders assume.</summary>
    public const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>Where a program may be, in order. A name with a slash is a path; an empty element of PATH means the working directory.</summary>
    public static IReadOnlyList<string> Candidates(string program, IEnumerable<string> environment)
    {
        if (program.Contains('/'))
        {
            return [program];
        }

        if (program.Length == 0)
        {
            return [];
        }

        string path = environment.LastOrDefault(static entry => entry.StartsWith("PATH=", StringComparison.Ordinal))?[5..] ?? DefaultPath;
        return [.. path.Split(':').Select(directory => directory.Length == 0 ? $"./{program}" : $"{directory.TrimEnd('/')}/{program}")];
    }

    /// <summary>The first candidate that the caller may execute; a forbidden one only when there is no other.</summary>
    /// <param name="candidates">From <see cref="Candidates"/>.</param>
    /// <param name="forbidden">A file of that name which is not executable for the caller; null: there is none.</param>
    public static string? Find(IReadOnlyList<string> candidates, out string? forbidden)
    {
        forbidden = null;
        foreach (string candidate in candidates)
        {
            FileStatus? status;
            try
            {
                status = FileTree.TryStatus(candidate);
            }
            catch (Linux.LinuxException)
            {
                // EACCES, ELOOP on the way: as execvp(3), remember and go on.
                forbidden ??= candidate;
                continue;
            }

            if (status is null)
            {
                continue;
            }

            if (status.Value.Kind == FileKind.Regular && FileTree.CanExecute(candidate))
            {
                return candidate;
            }

            forbidden ??= candidate;
        }

        return null;
    }
}
