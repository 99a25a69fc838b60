using System.Runtime.CompilerServices;

namespace PodAgent.Benchmarks.Runtimes;

/// <summary>The checked-out source tree.</summary>
internal static class RepositoryRoot
{
    public static string Path { get; } = Find();

    private static string Find([CallerFilePath] string self = "") =>
        System.IO.Path.GetFullPath(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(self)!, "..", "..", ".."));
}
