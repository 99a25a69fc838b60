using PodAgent.Linux.Files;

namespace PodAgent.Linux.Probing;

/// <summary>Programs of other packages, by name.</summary>
public static class InstalledPrograms
{
    // Users' paths often lack the sbin directories, and those of services anything else.
    private static readonly string[] s_directories = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    /// <summary>The path of a program; null when it is not installed.</summary>
    public static string? Find(string name) =>
        s_directories.Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries))
            .Select(directory => Path.Combine(directory, name))
            .FirstOrDefault(path => FileTree.CanExecute(path) && File.Exists(path));
}
