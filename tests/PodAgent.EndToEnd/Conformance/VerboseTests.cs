using System.Text.Json;
using PodAgent.Api.Cri;
using PodAgent.EndToEnd.Harness;

namespace PodAgent.EndToEnd.Conformance;

/// <summary>What <c>crictl inspect</c> and <c>inspectp</c> show below <c>info</c>, under the names that tools look for.</summary>
[Collection(ConformanceAgent.Name)]
public sealed class VerboseTests(AgentFixture agent)
{
    [Fact]
    public async Task Container_HasItsConfigurationAndWhatItRunsWith()
    {
        await using CriPod pod = await CriPod.RunAsync(agent);
        ContainerConfig config = CriPod.Secured(CriPod.Idle(), new LinuxContainerSecurityContext { RunAsUser = new Int64Value { Value = 1000 }, NoNewPrivs = true });
        config.Linux.Resources = new LinuxContainerResources { MemoryLimitInBytes = 64 << 20, CpuShares = 512 };
        config.Mounts.Add(new Mount { HostPath = agent.Directory, ContainerPath = "/data", Readonly = true });
        config.LogPath = "idle.log";
        string id = await pod.StartAsync(config);

        using JsonDocument document = await InfoAsync(id);
        JsonElement info = document.RootElement;
        JsonElement spec = info.GetProperty("runtimeSpec");
        JsonElement process = spec.GetProperty("process");

        Assert.Equal(pod.Id, info.GetProperty("sandboxID").GetString());
        Assert.Equal(["sleep", "100000"], File.ReadAllText($"/proc/{info.GetProperty("pid").GetInt32()}/cmdline").TrimEnd('\0').Split('\0'));
        Assert.Equal(config.Metadata.Name, info.GetProperty("config").GetProperty("metadata").GetProperty("name").GetString());
        Assert.Equal("idle.log", info.GetProperty("config").GetProperty("log_path").GetString());
        Assert.True(info.GetProperty("config").GetProperty("mounts")[0].GetProperty("readonly").GetBoolean());
        Assert.Equal(["sleep", "100000"], process.GetProperty("args").EnumerateArray().Select(word => word.GetString()));
        Assert.Equal((1000, true), (process.GetProperty("user").GetProperty("uid").GetInt32(), process.GetProperty("noNewPrivileges").GetBoolean()));
        Assert.Contains("CAP_CHOWN", process.GetProperty("capabilities").GetProperty("bounding").EnumerateArray().Select(name => name.GetString()));
        Assert.Contains(spec.GetProperty("mounts").EnumerateArray(), mount => mount.GetProperty("destination").GetString() == "/data");
        Assert.Equal(64 << 20, spec.GetProperty("linux").GetProperty("resources").GetProperty("memory").GetProperty("limit").GetInt64());
        Assert.Equal(512, spec.GetProperty("linux").GetProperty("resources").GetProperty("cpu").GetProperty("shares").GetInt64());
        Assert.Equal(pod.Id, spec.GetProperty("annotations").GetProperty("io.kubernetes.cri.sandbox-id").GetString());
    }

    [Fact]
    public async Task Sandbox_LeadsToItsNamespaces()
    {
        await using CriPod pod = await CriPod.RunAsync(agent, config => config.Hostname = "named");
        using var document = JsonDocument.Parse((await agent.Runtime.PodSandboxStatusAsync(new PodSandboxStatusRequest { PodSandboxId = pod.Id, Verbose = true })).Info["info"]);
        JsonElement info = document.RootElement;
        JsonElement network = info.GetProperty("runtimeSpec").GetProperty("linux").GetProperty("namespaces").EnumerateArray()
            .Single(each => each.GetProperty("type").GetString() == "network");

        Assert.Equal(("running", false), (info.GetProperty("processStatus").GetString(), info.GetProperty("netNamespaceClosed").GetBoolean()));
        Assert.Equal("named", info.GetProperty("runtimeSpec").GetProperty("hostname").GetString());
        Assert.Equal("named", info.GetProperty("config").GetProperty("hostname").GetString());
        Assert.Equal($"/proc/{info.GetProperty("pid").GetInt32()}/ns/net", network.GetProperty("path").GetString());
        Assert.StartsWith("net:[", File.ResolveLinkTarget(network.GetProperty("path").GetString()!, returnFinalTarget: false)!.Name, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sandbox_Stopped_IsShownAsDeleted()
    {
        await using CriPod pod = await CriPod.RunAsync(agent);
        await pod.StopAsync();
        using var document = JsonDocument.Parse((await agent.Runtime.PodSandboxStatusAsync(new PodSandboxStatusRequest { PodSandboxId = pod.Id, Verbose = true })).Info["info"]);

        Assert.Equal(("deleted", true), (document.RootElement.GetProperty("processStatus").GetString(), document.RootElement.GetProperty("netNamespaceClosed").GetBoolean()));
    }

    private async Task<JsonDocument> InfoAsync(string container) => JsonDocument.Parse(
        (await agent.Runtime.ContainerStatusAsync(new ContainerStatusRequest { ContainerId = container, Verbose = true })).Info["info"]);
}
