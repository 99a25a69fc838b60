using PodAgent.Api.Cri;
using PodAgent.EndToEnd.Harness;

namespace PodAgent.EndToEnd.Conformance;

/// <summary>What a kubelet takes from one answer about a pod, without asking for each container.</summary>
[Collection(ConformanceAgent.Name)]
public sealed class PodStatusTests(AgentFixture agent)
{
    // Kubelets with the feature EventedPLEG do not sort; the first status with a container's name is its latest attempt to them, and with
    // another order they try to start a running container again after a restart of theirs.
    [Fact]
    public async Task PodSandboxStatus_WithSeveralAttempts_HasTheNewestFirstAndTheTimeOfTheAnswer()
    {
        await using CriPod pod = await CriPod.RunAsync(agent);
        ContainerConfig config = CriPod.Shell("exit 1");
        string first = await pod.StartAsync(config);
        await pod.ExitAsync(first);
        config.Metadata.Attempt++;
        string second = await pod.StartAsync(config);
        await pod.ExitAsync(second);
        string other = await pod.CreateAsync(CriPod.Idle());

        PodSandboxStatusResponse response = await agent.Runtime.PodSandboxStatusAsync(new PodSandboxStatusRequest { PodSandboxId = pod.Id });

        Assert.Equal([other, second, first], response.ContainersStatuses.Select(status => status.Id));
        Assert.True(response.Timestamp >= response.ContainersStatuses.Max(status => status.CreatedAt));
    }

    // The default means to a kubelet that the runtime does not tell.
    [Fact]
    public async Task ContainerStatus_WithoutAStopSignal_TellsWhichOneItWillGet()
    {
        await using CriPod pod = await CriPod.RunAsync(agent);

        Assert.Equal(Signal.Sigterm, (await pod.StatusAsync(await pod.CreateAsync(CriPod.Idle()))).StopSignal);
    }
}
