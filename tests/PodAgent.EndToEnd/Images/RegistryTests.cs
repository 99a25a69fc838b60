using System.Formats.Tar;
using System.Security.Cryptography;
using PodAgent.Api.Core;
using PodAgent.EndToEnd.Harness;

namespace PodAgent.EndToEnd.Images;

/// <summary>Pull and push against a real registry, by command and by pod.</summary>
public sealed class RegistryTests(AgentFixture agent) : IClassFixture<AgentFixture>
{
    // bcrypt of "secret", as htpasswd -nbB writes it.
    private const string Htpasswd = "me:$2y$05$eSgxSNd566kDTG3OuKrBZOtXUz7r/3h3x121Zj2MK/F82miw10vUm\n";

    [Fact]
    public async Task Image_PushedAndPulledBack_RunsAsAPod()
    {
        await using DockerRegistry registry = await DockerRegistry.StartAsync();
        string name = $"{registry.Authority}/e2e/app:1";
        await ImportAsync("e2e/app:1", ImageArchive.Layer("from a registry"));
        string id = Id("e2e/app", (await agent.PodctlAsync("images", "--no-trunc")).Succeeded());

        Assert.Equal(name + "\n", (await agent.PodctlAsync("image", "tag", "e2e/app:1", name)).Succeeded());
        string pushed = (await agent.PodctlAsync("push", name)).Succeeded();
        Assert.Equal($"Untagged: {name}\n", (await agent.PodctlAsync("image", "rm", name)).Succeeded());
        Assert.Equal($"Untagged: docker.io/e2e/app:1\nDeleted: {id}\n", (await agent.PodctlAsync("image", "rm", "e2e/app:1")).Succeeded());
        await agent.ApplyAsync(PodYaml.Of("from-registry", "imagePullPolicy: Always", "restartPolicy: Never", image: name));
        await agent.WaitForPodAsync("from-registry", pod => pod.Status.Phase == "Succeeded");

        Assert.Equal("from a registry\n", (await agent.PodctlAsync("logs", "from-registry")).Succeeded());
        string pulled = (await agent.PodctlAsync("pull", name)).Succeeded();
        Assert.Contains("Digest: sha256:", pushed, StringComparison.Ordinal);
        string digest = pushed.Split('\n').Single(line => line.StartsWith("Digest: ", StringComparison.Ordinal));
        Assert.Equal($"Pulling {name}\n{digest}\nImage: {id}\n{name}\n", pulled);
    }

    [Fact]
    public async Task Registry_OfAPrivateAuthorityWithPasswords_NeedsBoth()
    {
        var authority = new TestAuthority();
        await using DockerRegistry registry = await DockerRegistry.StartAsync(
            "tls: {certificate: DIR/cert.pem, key: DIR/key.pem}",
            "htpasswd: {realm: test, path: DIR/htpasswd}",
            new Dictionary<string, string> { ["cert.pem"] = authority.Certificate, ["key.pem"] = authority.Key, ["htpasswd"] = Htpasswd });
        string name = $"{registry.Authority}/e2e/private:1";
        string hosts = Directory.CreateDirectory(Path.Combine(agent.RegistryConfig, registry.Authority)).FullName;
        string settings = Path.Combine(hosts, "hosts.toml");
        await ImportAsync(name, ImageArchive.Layer("private"));

        // An authority that did not sign it, then the right one.
        await File.WriteAllTextAsync(Path.Combine(hosts, "ca.crt"), new TestAuthority().Root);
        await File.WriteAllTextAsync(settings, $"server = \"https://{registry.Authority}\"\nca = \"ca.crt\"\n");
        Assert.Contains("certificate", (await agent.PodctlAsync("push", name, "--creds", "me:secret")).Failed(), StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(hosts, "ca.crt"), authority.Root);
        Assert.Contains("401", (await agent.PodctlAsync("push", name)).Failed(), StringComparison.Ordinal);
        Assert.Contains("401", (await agent.PodctlAsync("push", name, "--creds", "me:wrong")).Failed(), StringComparison.Ordinal);
        (await agent.PodctlAsync("push", name, "--creds", "me:secret")).Succeeded();
        (await agent.PodctlAsync("image", "rm", name)).Succeeded();

        // A pod without credentials waits; with the node's it starts.
        await agent.ApplyAsync(PodYaml.Of("private", "", "restartPolicy: Never", image: name));
        Event failed = await agent.WaitForEventAsync(e => e.InvolvedObject.Name == "private" && e.Reason == "Failed" && e.Message.Contains("401", StringComparison.Ordinal));
        await File.WriteAllTextAsync(agent.AuthFile, $$"""{"auths": {"{{registry.Authority}}/e2e": {"auth": "bWU6c2VjcmV0"} } }""");
        await agent.WaitForPodAsync("private", pod => pod.Status.Phase == "Succeeded");

        Assert.StartsWith($"Failed to pull image \"{name}\": cannot pull image \"{name}\": https://{registry.Authority} answers 401", failed.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", agent.AgentLog, StringComparison.Ordinal);
        File.Delete(agent.AuthFile);
        (await agent.PodctlWithInputAsync("secret\n", "pull", name, "--creds", "me")).Succeeded();
    }

    [Fact]
    public async Task Registry_WithTokenServer_GetsATokenForTheRepository()
    {
        await using var tokens = new TokenServer();
        await using DockerRegistry registry = await DockerRegistry.StartAsync(
            auth: $"token: {{realm: \"{tokens.Realm}\", service: test, issuer: podagent-test, rootcertbundle: DIR/tokens.pem}}",
            files: new Dictionary<string, string> { ["tokens.pem"] = tokens.Certificate });
        string name = $"{registry.Authority}/e2e/token:1";
        await ImportAsync(name, ImageArchive.Layer("token"));
        string authFile = Path.Combine(agent.Directory, "mine.json");
        await File.WriteAllTextAsync(authFile, $$"""{"auths": {"{{registry.Authority}}": {"username": "me", "password": "secret"} } }""");

        Assert.Contains("401", (await agent.PodctlAsync("push", name)).Failed(), StringComparison.Ordinal);
        (await agent.PodctlAsync("push", name, "--authfile", authFile)).Succeeded();
        (await agent.PodctlAsync("image", "rm", name)).Succeeded();
        (await agent.PodctlAsync("pull", name, "--creds", "me:secret")).Succeeded();

        lock (tokens.Scopes)
        {
            Assert.Contains("repository:e2e/token:pull,push", tokens.Scopes);
            Assert.Contains("repository:e2e/token:pull", tokens.Scopes);
        }
    }

    [Fact]
    public async Task Mirror_ThatLacksTheImage_IsFollowedByTheRegistry()
    {
        await using DockerRegistry mirror = await DockerRegistry.StartAsync();
        await using DockerRegistry upstream = await DockerRegistry.StartAsync();
        string hosts = Directory.CreateDirectory(Path.Combine(agent.RegistryConfig, "mirrored.example")).FullName;
        await File.WriteAllTextAsync(
            Path.Combine(hosts, "hosts.toml"),
            $"server = \"http://{upstream.Authority}\"\n[host.\"http://{mirror.Authority}\"]\n  capabilities = [\"pull\", \"resolve\"]\n");
        await ImportAsync("mirrored.example/e2e/m:1", ImageArchive.Layer("mirrored"));
        (await agent.PodctlAsync("push", "mirrored.example/e2e/m:1")).Succeeded();
        (await agent.PodctlAsync("image", "rm", "mirrored.example/e2e/m:1")).Succeeded();

        (await agent.PodctlAsync("pull", "mirrored.example/e2e/m:1")).Succeeded();

        Assert.Contains("/v2/e2e/m/manifests/1?ns=mirrored.example", mirror.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("ns=", upstream.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pulls_OfOneImageAtOnce_AllSucceed()
    {
        await using DockerRegistry registry = await DockerRegistry.StartAsync();
        string name = $"{registry.Authority}/e2e/many:1";
        await ImportAsync(name, ImageArchive.Layer("many", Noise("noise", 4 << 20)));
        (await agent.PodctlAsync("push", name)).Succeeded();
        (await agent.PodctlAsync("image", "rm", name)).Succeeded();

        CommandResult[] pulls = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => agent.PodctlAsync("pull", "-q", name)));

        Assert.Single(pulls.Select(pull => pull.Succeeded()).Distinct());
    }

    [Fact]
    public async Task Agent_KilledInMidPull_PullsTheRestAndLeavesNothing()
    {
        await using DockerRegistry registry = await DockerRegistry.StartAsync();
        await using var proxy = new HoldingProxy(registry.Port, 2 << 20);
        string name = $"{proxy.Authority}/e2e/killed:1";
        await ImportAsync(name, ImageArchive.Layer("killed", Noise("noise", 4 << 20)));
        (await agent.PodctlAsync("push", name)).Succeeded();
        (await agent.PodctlAsync("image", "rm", name)).Succeeded();
        string partial = Path.Combine(agent.Root, "images", "partial");

        LineReader pull = agent.PodctlStart("pull", name);
        await proxy.Held;
        while (!Directory.EnumerateFiles(partial).Any(file => new FileInfo(file).Length > 0) && !pull.Process.HasExited)
        {
            await Task.Delay(20);
        }

        proxy.TakeRequests();

        await agent.ReplaceAgentAsync();
        proxy.Release();
        (await agent.PodctlAsync("pull", name)).Succeeded();
        Assert.Contains("Range: bytes=", proxy.TakeRequests(), StringComparison.Ordinal);
        (await agent.PodctlAsync("run", "killed", "--image", name, "--image-pull-policy", "Never", "--restart", "Never")).Succeeded();
        await agent.WaitForPodAsync("killed", pod => pod.Status.Phase == "Succeeded");

        // Beginnings of other images may wait there for their next pull.
        string image = (await agent.PodctlAsync("image", "inspect", name)).Succeeded();
        Assert.All(Directory.EnumerateFiles(partial), file => Assert.DoesNotContain(Path.GetFileName(file), image, StringComparison.Ordinal));
        Assert.All(Directory.EnumerateFiles(partial), file => Assert.True(new FileInfo(file).Length < 2 << 20, file));
        // But for the next root file system of an image in use, which is made ahead and has a writable layer.
        Assert.All(
            Directory.EnumerateFileSystemEntries(Path.Combine(agent.Root, "snapshots", "ingest")),
            path => Assert.True(Directory.Exists(Path.Combine(path, "upper")), path));
        pull.Dispose();
    }

    [Fact]
    public async Task Image_SavedAndLoaded_IsTheSame()
    {
        await ImportAsync("e2e/saved:1", ImageArchive.Layer("saved"));
        (await agent.PodctlAsync("image", "tag", "e2e/saved:1", "e2e/saved:2")).Succeeded();
        string before = (await agent.PodctlAsync("image", "inspect", "e2e/saved:1")).Succeeded();
        string file = Path.Combine(agent.Directory, "saved.tar");

        (await agent.PodctlAsync("image", "save", "e2e/saved:1", "e2e/saved:2", "-o", file)).Succeeded();
        Assert.Equal("Unchanged docker.io/e2e/saved:1, docker.io/e2e/saved:2\n", (await agent.PodctlAsync("image", "load", file)).Succeeded());
        Assert.Equal("Untagged: docker.io/e2e/saved:2\n", (await agent.PodctlAsync("image", "rm", "e2e/saved:2")).Succeeded());
        Assert.Equal("Imported docker.io/e2e/saved:2\n", (await agent.PodctlAsync("image", "load", file)).Succeeded());
        (await agent.PodctlAsync("image", "rm", "e2e/saved:1", "e2e/saved:2")).Succeeded();
        (await agent.PodctlAsync("image", "load", file)).Succeeded();

        Assert.Equal(before, (await agent.PodctlAsync("image", "inspect", "e2e/saved:1")).Succeeded());
        Assert.Contains("CREATED BY", (await agent.PodctlAsync("image", "history", "e2e/saved:1")).Succeeded(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Image_InUse_IsRemovedByForceOnly()
    {
        await ImportAsync("e2e/busy:1", ImageArchive.Layer("busy"));
        await agent.ApplyAsync(PodYaml.Of("busy", "command: [/bin/busybox, sleep, infinity]", image: "e2e/busy:1"));
        await agent.WaitUntilRunningAsync("busy");

        string refusal = (await agent.PodctlAsync("image", "rm", "e2e/busy:1")).Failed();
        (await agent.PodctlAsync("image", "prune", "--all")).Succeeded();
        string images = (await agent.PodctlAsync("images")).Succeeded();

        Assert.Matches("image \"e2e/busy:1\" is in use by container \"c\" \\([0-9a-f]{13}\\) of pod \"default/busy\"; --force removes it all the same", refusal);
        Assert.Contains("docker.io/e2e/busy", images, StringComparison.Ordinal);
        Assert.Contains("podagent.local/busybox", images, StringComparison.Ordinal);
        (await agent.PodctlAsync("image", "rm", "--force", "e2e/busy:1")).Succeeded();
        Assert.Equal("busy\n", (await agent.PodctlAsync("exec", "busy", "--", "/bin/cat", "/greeting")).Succeeded());
    }

    private static TarEntry Noise(string path, int size) =>
        new PaxTarEntry(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(RandomNumberGenerator.GetBytes(size)) };

    private static string Id(string name, string images) => images.Split('\n').Single(line => line.Contains(name, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[2];

    private async Task ImportAsync(string name, byte[] layer)
    {
        string path = Path.Combine(agent.Directory, $"{Guid.NewGuid():n}.tar");
        await File.WriteAllBytesAsync(path, ImageArchive.Oci(name, layer));
        (await agent.PodctlAsync("image", "import", path)).Succeeded();
        File.Delete(path);
    }
}
