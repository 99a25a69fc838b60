using System.Security.Cryptography;
using PodAgent.Images;
using PodAgent.Images.Pulling;
using PodAgent.Images.Registry;
using PodAgent.Linux;

namespace PodAgent.RootTests.Images.Registry;

/// <summary>A store, and registries to pull from.</summary>
public abstract class PullFixture : ImageStoreFixture, IAsyncLifetime
{
    private readonly List<TestRegistry> _registries = [];

    internal InstantTime Clock { get; } = new();

    private protected override TimeProvider Time => Clock;

    private protected override RegistryOptions Registry => new()
    {
        HostsDirectories = [Path.Combine(Home, "certs.d")],
        AuthFiles = [Path.Combine(Home, "auth.json")],
        HelperPath = $"/nonexistent:{Path.Combine(Home, "bin")}",
        ResponseTimeout = TimeSpan.FromMinutes(2),
        StallTimeout = TimeSpan.FromMinutes(2),
    };

    async Task IAsyncLifetime.DisposeAsync()
    {
        foreach (TestRegistry registry in _registries)
        {
            await registry.DisposeAsync();
        }

        await base.DisposeAsync();
    }

    private protected TestRegistry NewRegistry(System.Security.Cryptography.X509Certificates.X509Certificate2? certificate = null)
    {
        var registry = new TestRegistry(certificate);
        _registries.Add(registry);
        return registry;
    }

    /// <summary>A layer that compresses badly, so that its blob is about as large.</summary>
    private protected static byte[] RandomLayer(string name, int size) => new TarBuilder().File(name, RandomNumberGenerator.GetBytes(size)).Build();

    private protected Task<ImageRecord> PullAsync(string reference, RegistryCredential? credential = null, CancellationToken ct = default) =>
        Store.PullAsync(new PullRequest(reference) { Credential = credential }, ct);

    private protected async Task<AgentException> PullFailsAsync(string reference, RegistryCredential? credential = null)
    {
        AgentException failure = await Assert.ThrowsAsync<AgentException>(() => PullAsync(reference, credential));
        Assert.StartsWith($"cannot pull image \"{reference}\": ", failure.Message, StringComparison.Ordinal);
        Assert.Null(Store.Find(reference));
        return failure;
    }

    private protected void WriteHosts(string host, string content)
    {
        string directory = Path.Combine(Home, "certs.d", host);
        Directory.CreateDirectory(directory);
        File.WriteAllText(Path.Combine(directory, "hosts.toml"), content);
    }
}
