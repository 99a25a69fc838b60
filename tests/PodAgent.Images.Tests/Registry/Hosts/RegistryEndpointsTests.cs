using PodAgent.Images.References;
using PodAgent.Images.Registry.Hosts;
using PodAgent.Linux;

namespace PodAgent.Images.Tests.Registry.Hosts;

public sealed class RegistryEndpointsTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("podagent-hosts-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("busybox", "https://registry-1.docker.io", false, false)]
    [InlineData("registry.example/a", "https://registry.example", false, false)]
    [InlineData("registry.example:5000/a", "https://registry.example:5000", false, false)]
    [InlineData("localhost/a", "https://localhost", true, false)]
    [InlineData("localhost:443/a", "https://localhost:443", true, false)]
    [InlineData("localhost:80/a", "http://localhost:80", true, false)]
    [InlineData("localhost:5000/a", "https://localhost:5000", true, true)]
    [InlineData("127.0.0.1:5000/a", "https://127.0.0.1:5000", true, true)]
    [InlineData("127.9.9.9:5000/a", "https://127.9.9.9:5000", true, true)]
    [InlineData("[::1]:5000/a", "https://[::1]:5000", true, true)]
    [InlineData("10.0.0.1:5000/a", "https://10.0.0.1:5000", false, false)]
    public void For_NothingConfigured_IsTheRegistryItself(string reference, string url, bool skipVerify, bool fallback)
    {
        RegistryEndpoint endpoint = Assert.Single(For(reference));

        Assert.Equal((url, skipVerify, fallback), (endpoint.ToString(), endpoint.Tls.SkipVerify, endpoint.PlainHttpFallback));
        Assert.True(endpoint.IsUpstream);
        Assert.Equal("/v2", endpoint.Path);
        Assert.Null(endpoint.Namespace);
    }

    [Fact]
    public void For_Mirrors_ComeFirstInOrderAndAreToldTheRegistry()
    {
        Write("docker.io", """
            [host."https://one.example"]
            [host."http://two.example:5000/cache/"]
              capabilities = ["pull"]
            [host."https://three.example/whole"]
              override_path = true
            [host."four.example/v2"]
            """);

        IReadOnlyList<RegistryEndpoint> endpoints = For("busybox");

        Assert.Equal(
            ["https://one.example/v2", "http://two.example:5000/cache/v2", "https://three.example/whole", "https://four.example/v2", "https://registry-1.docker.io/v2"],
            endpoints.Select(endpoint => endpoint + endpoint.Path));
        Assert.Equal([false, false, false, false, true], endpoints.Select(endpoint => endpoint.IsUpstream));
        Assert.Equal(["docker.io", "docker.io", "docker.io", "docker.io", null], endpoints.Select(endpoint => endpoint.Namespace));
        Assert.Equal(EndpointCapabilities.Pull, endpoints[1].Capabilities);
    }

    [Fact]
    public void For_Server_ReplacesTheRegistry()
    {
        Write("gone.example", "server = \"http://localhost:5000\"\n[host.\"http://localhost:5000\"]\n  skip_verify = true");

        RegistryEndpoint endpoint = Assert.Single(For("gone.example/a"));

        Assert.Equal("http://localhost:5000", endpoint.ToString());
        Assert.True(endpoint.IsUpstream);
        Assert.False(endpoint.PlainHttpFallback);
    }

    [Theory]
    [InlineData("registry.example_5000_")]
    [InlineData("registry.example:5000")]
    [InlineData("_default")]
    public void For_DirectoryName_HasContainerdsForms(string name)
    {
        Write(name, "[host.\"https://mirror.example\"]");

        Assert.Equal(["https://mirror.example", "https://registry.example:5000"], For("registry.example:5000/a").Select(endpoint => endpoint.ToString()));
    }

    [Fact]
    public void For_SeveralDirectories_TheFirstThatKnowsTheHostDecides()
    {
        Write("a.example", "server = \"https://from-first\"");
        string second = Path.Combine(_directory, "second");
        Directory.CreateDirectory(Path.Combine(second, "b.example"));
        File.WriteAllText(Path.Combine(second, "b.example", "hosts.toml"), "server = \"https://from-second\"");
        Directory.CreateDirectory(Path.Combine(second, "a.example"));
        File.WriteAllText(Path.Combine(second, "a.example", "hosts.toml"), "server = \"https://wrong\"");

        Assert.Equal("https://from-first", RegistryEndpoints.For(ImageReference.Parse("a.example/x"), [_directory, second])[0].ToString());
        Assert.Equal("https://from-second", RegistryEndpoints.For(ImageReference.Parse("b.example/x"), [_directory, second])[0].ToString());
    }

    [Fact]
    public void For_DockersLayout_AreCertificates()
    {
        string directory = Path.Combine(_directory, "registry.example");
        Directory.CreateDirectory(directory);
        foreach (string file in (string[])["ca.crt", "me.cert", "me.key"])
        {
            File.WriteAllText(Path.Combine(directory, file), "");
        }

        EndpointTls tls = Assert.Single(For("registry.example/a")).Tls;

        Assert.Equal([Path.Combine(directory, "ca.crt")], tls.Authorities);
        Assert.Equal([(Path.Combine(directory, "me.cert"), (string?)Path.Combine(directory, "me.key"))], tls.Clients);
    }

    [Theory]
    [InlineData("ftp://a.example")]
    [InlineData("https://")]
    [InlineData("https://user@a.example")]
    public void For_NoUrl_IsRefused(string url)
    {
        Write("a.example", $"server = \"{url}\"");

        Assert.Equal(ErrorKind.FailedPrecondition, Assert.Throws<AgentException>(() => For("a.example/x")).Kind);
    }

    private void Write(string host, string content)
    {
        Directory.CreateDirectory(Path.Combine(_directory, host));
        File.WriteAllText(Path.Combine(_directory, host, "hosts.toml"), content);
    }

    private IReadOnlyList<RegistryEndpoint> For(string reference) => RegistryEndpoints.For(ImageReference.Parse(reference), [_directory]);
}
