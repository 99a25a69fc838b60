using System.Runtime.CompilerServices;

namespace PodAgent.Architecture.Tests;

/// <summary>The checked-out source tree that these tests read.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static IReadOnlyList<string> SourceProjects { get; } =
        [.. Directory.EnumerateDirectories(Path.Combine(Root, "src")).Select(Path.GetFileName).Order(StringComparer.Ordinal)!];

    public static IEnumerable<string> SourceFiles(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal)
                && !file.Contains("/node_modules/", StringComparison.Ordinal));

    public static string Relative(string file) => Path.GetRelativePath(Root, file);

    private static string FindRoot([CallerFilePath] string self = "")
    {
        string? folder = Path.GetDirectoryName(self);
        while (folder is not null && !File.Exists(Path.Combine(folder, "PodAgent.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("the source tree of this test was moved after it was built");
    }
}
