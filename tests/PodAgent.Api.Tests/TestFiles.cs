namespace PodAgent.Api.Tests;

internal static class TestFiles
{
    /// <summary>The repository's manifests/ folder.</summary>
    public static string Manifests { get; } = Find();

    private static string Find()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "PodAgent.sln")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder?.FullName ?? throw new DirectoryNotFoundException("no PodAgent.sln above the tests"), "manifests");
    }
}
