using PodAgent.Api.Cri;
using PodAgent.EndToEnd.Harness;

namespace PodAgent.EndToEnd.Conformance;

/// <summary>What is to be stopped or removed and is not there counts as done.</summary>
[Collection(ConformanceAgent.Name)]
public sealed class IdempotenceTests(AgentFixture agent)
{
    [Fact]
    public async Task Nothing_StoppedOrRemoved_IsNoError()
    {
        string unknown = Guid.NewGuid().ToString();

        await agent.Runtime.StopPodSandboxAsync(new StopPodSandboxRequest { PodSandboxId = unknown });
        await agent.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = unknown });
        await agent.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = unknown });
        await agent.Runtime.RemoveContainerAsync(new RemoveContainerRequest { ContainerId = unknown });
        await agent.ImageStore.RemoveImageAsync(new RemoveImageRequest { Image = new ImageSpec { Image = new string('0', 64) } });
    }

    [Fact]
    public async Task Sandbox_StoppedTwice_StaysStopped()
    {
        await using CriPod pod = await CriPod.RunAsync(agent);

        await pod.StopAsync();
        await pod.StopAsync();

        Assert.Equal(PodSandboxState.SandboxNotready, (await pod.StatusAsync()).State);
    }

    [Fact]
    public async Task Container_StoppedAndRemovedTwice_IsGone()
    {
        await using CriPod pod = await CriPod.RunAsync(agent);
        string container = await pod.StartAsync(CriPod.Idle());

        await pod.StopAsync(container, 10);
        await pod.StopAsync(container, 10);
        await pod.RemoveAsync(container);
        await pod.RemoveAsync(container);
        await pod.StopAsync(container, 10);

        Assert.Empty((await agent.Runtime.ListContainersAsync(new ListContainersRequest { Filter = new ContainerFilter { Id = container } })).Containers);
    }
}
