using Grpc.Core;
using PodAgent.Api.Cri;
using PodAgent.EndToEnd.Harness;

namespace PodAgent.EndToEnd.Conformance;

/// <summary>A sandbox's life, and what is kept of what it was made with.</summary>
[Collection(ConformanceAgent.Name)]
public sealed class SandboxTests(AgentFixture agent)
{
    [Fact]
    public async Task Sandbox_Started_IsReadyAndListedAtOnce()
    {
        await using CriPod pod = await CriPod.RunAsync(agent);

        Assert.Equal(PodSandboxState.SandboxReady, (await pod.StatusAsync()).State);
        Assert.Equal(PodSandboxState.SandboxReady, Assert.Single(await ListAsync(pod.Id)).State);
    }

    [Fact]
    public async Task Sandbox_Stopped_IsNotReadyAndStillKnown()
    {
        await using CriPod pod = await CriPod.RunAsync(agent);
        string container = await pod.StartAsync(CriPod.Idle());

        await pod.StopAsync();

        Assert.Equal(PodSandboxState.SandboxNotready, (await pod.StatusAsync()).State);
        Assert.Equal(PodSandboxState.SandboxNotready, Assert.Single(await ListAsync(pod.Id)).State);
        Assert.Equal(ContainerState.ContainerExited, (await pod.StatusAsync(container)).State);
    }

    [Fact]
    public async Task Sandbox_Removed_IsGoneAndItsNameIsFree()
    {
        CriPod first = await CriPod.RunAsync(agent);
        await first.StartAsync(CriPod.Idle());
        await first.DisposeAsync();

        Assert.Empty(await ListAsync(first.Id));
        await using CriPod second = await CriPod.RunAsync(agent, first.Config);
        Assert.NotEqual(first.Id, second.Id);
    }

    [Fact]
    public async Task Sandbox_Attributes_ComeBackFromStatusAndList()
    {
        await using CriPod pod = await CriPod.RunAsync(agent, config =>
        {
            config.Labels.Add("app", "store");
            config.Annotations.Add("note", "kept unchanged");
        });

        PodSandboxStatus status = await pod.StatusAsync();
        PodSandbox listed = Assert.Single(await ListAsync(pod.Id));

        Assert.Equal((pod.Config.Metadata, pod.Config.Metadata), (status.Metadata, listed.Metadata));
        Assert.Equal((pod.Config.Labels, pod.Config.Labels), (status.Labels, listed.Labels));
        Assert.Equal((pod.Config.Annotations, pod.Config.Annotations), (status.Annotations, listed.Annotations));
        Assert.Equal(status.CreatedAt, listed.CreatedAt);
        Assert.NotEqual(0, status.CreatedAt);
    }

    [Fact]
    public async Task Sandbox_ThatCannotStart_LeavesNothingAndItsNameIsFree()
    {
        PodSandboxConfig config = CriPod.NewConfig(agent);
        config.Labels.Add("case", "cannot start");
        config.Linux.Sysctls.Add("kernel.no_such_setting", "1");

        await Assert.ThrowsAsync<RpcException>(() => CriPod.RunAsync(agent, config));

        Assert.Empty((await agent.Runtime.ListPodSandboxAsync(new ListPodSandboxRequest { Filter = new PodSandboxFilter { LabelSelector = { config.Labels } } })).Items);
        config.Linux.Sysctls.Clear();
        await using CriPod pod = await CriPod.RunAsync(agent, config);
        Assert.Equal(PodSandboxState.SandboxReady, (await pod.StatusAsync()).State);
    }

    // Both belong to the IPC namespace that the containers share; which ones are safe is the kubelet's business.
    [Theory]
    [InlineData("kernel.shm_rmid_forced", "1")]
    [InlineData("fs.mqueue.msg_max", "100")]
    public async Task Sandbox_Sysctl_HoldsInItsContainers(string name, string value)
    {
        await using CriPod pod = await CriPod.RunAsync(agent, config => config.Linux.Sysctls.Add(name, value));

        string container = await pod.StartAsync(CriPod.Idle());

        Assert.Equal(value + "\n", await pod.OutputAsync(container, "cat", "/proc/sys/" + name.Replace('.', '/')));
    }

    // A client that looks for its own processes in the shared PID namespace must not find the infrastructure's.
    [Fact]
    public async Task Sandbox_ProcessOne_IsNotTheWorkloadAndHasANameOfItsOwn()
    {
        await using CriPod pod = await CriPod.RunAsync(agent);
        string container = await pod.StartAsync(CriPod.Idle());

        Assert.Equal("pause\n", await pod.OutputAsync(container, "cat", "/proc/1/comm"));
    }

    private async Task<IReadOnlyList<PodSandbox>> ListAsync(string id) =>
        (await agent.Runtime.ListPodSandboxAsync(new ListPodSandboxRequest { Filter = new PodSandboxFilter { Id = id } })).Items;
}
