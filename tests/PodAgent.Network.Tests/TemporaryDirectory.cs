namespace PodAgent.Network.Tests;

/// <summary>A directory of the test's own.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("podagent-network-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
