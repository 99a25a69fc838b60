using PodAgent.Api.Cri;
using PodAgent.EndToEnd.Harness;

namespace PodAgent.EndToEnd.Conformance;

/// <summary>Which of the node's namespaces a pod shares.</summary>
[Collection(ConformanceAgent.Name)]
public sealed class NamespaceTests(AgentFixture agent)
{
    [Fact]
    public async Task Pid_OfThePod_IsSharedAndHasThePauseFirst()
    {
        await using CriPod pod = await RunAsync(new NamespaceOption { Pid = NamespaceMode.Pod });
        string first = await StartAsync(pod, CriPod.Container("sleep", "4321"));
        string second = await StartAsync(pod, CriPod.Idle());

        Assert.DoesNotContain("4321", await pod.OutputAsync(first, "cat", "/proc/1/cmdline"), StringComparison.Ordinal);
        Assert.Contains("4321", await pod.OutputAsync(second, "ps", "-o", "args"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pid_OfTheContainer_HasTheWorkloadFirst()
    {
        await using CriPod pod = await RunAsync(new NamespaceOption { Pid = NamespaceMode.Container });

        Assert.Contains("4321", await pod.OutputAsync(await StartAsync(pod, CriPod.Container("sleep", "4321")), "cat", "/proc/1/cmdline"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pid_OfTheNode_IsTheNodesAndTheTreeEndsWithTheContainer()
    {
        await using CriPod pod = await RunAsync(new NamespaceOption { Pid = NamespaceMode.Node });
        string container = await StartAsync(pod, CriPod.Shell("sleep 4321 & exec sleep 4321"));
        string own = (await pod.OutputAsync(container, "sh", "-c", "echo $$")).Trim();
        Assert.Equal(File.ReadAllText("/proc/1/comm"), await pod.OutputAsync(container, "cat", "/proc/1/comm"));
        Assert.NotEqual("1", own);

        await pod.StopAsync(container, 0);

        Assert.DoesNotContain("4321", (await Command.RunAsync("ps", ["-eo", "args"])).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(NamespaceMode.Node, true)]
    [InlineData(NamespaceMode.Pod, false)]
    public async Task Ipc_OfTheNode_IsSharedOnlyWhenAsked(NamespaceMode mode, bool shared)
    {
        await using CriPod pod = await RunAsync(new NamespaceOption { Ipc = mode });
        string container = await StartAsync(pod, CriPod.Idle());

        Assert.Equal(shared, await NamespaceAsync(pod, container, "ipc") == Own("ipc"));
    }

    [Theory]
    [InlineData(NamespaceMode.Node, true)]
    [InlineData(NamespaceMode.Pod, false)]
    public async Task Network_OfTheNode_IsSharedOnlyWhenAsked(NamespaceMode mode, bool shared)
    {
        await using CriPod pod = await RunAsync(new NamespaceOption { Network = mode });
        string container = await StartAsync(pod, CriPod.Idle());

        Assert.Equal(shared, await NamespaceAsync(pod, container, "net") == Own("net"));
        Assert.Equal(shared, (await pod.StatusAsync()).Network.Ip.Length == 0);
        Assert.Contains(": lo: <LOOPBACK,UP", await pod.OutputAsync(container, "ip", "link"), StringComparison.Ordinal);
    }

    private Task<CriPod> RunAsync(NamespaceOption options) => CriPod.RunAsync(agent, new LinuxSandboxSecurityContext { NamespaceOptions = options });

    private static Task<string> StartAsync(CriPod pod, ContainerConfig config) =>
        pod.StartAsync(CriPod.Secured(config, new LinuxContainerSecurityContext { NamespaceOptions = pod.Config.Linux.SecurityContext.NamespaceOptions }));

    private static async Task<string> NamespaceAsync(CriPod pod, string container, string name) =>
        (await pod.OutputAsync(container, "readlink", $"/proc/self/ns/{name}")).Trim();

    private static string Own(string name) => File.ResolveLinkTarget($"/proc/self/ns/{name}", returnFinalTarget: false)!.Name;
}
