using System.Runtime.CompilerServices;

namespace PodAgent.EndToEnd.Harness;

/// <summary>Where the source tree and the published native programs are.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Binaries { get; } = Environment.GetEnvironmentVariable("PODAGENT_BIN") ?? Path.Combine(Root, "artifacts", "bin-native");

    public static string Program(string name)
    {
        string path = Path.Combine(Binaries, name);
        return File.Exists(path) ? path : throw new InvalidOperationException($"{path} does not exist: run `make native` first");
    }

    public static string Manifest(string name) => Path.Combine(Root, "manifests", name);

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
