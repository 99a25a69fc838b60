using PodAgent.Api.Cri;
using PodAgent.EndToEnd.Harness;

namespace PodAgent.EndToEnd.Conformance;

/// <summary>Figures about containers, which have to be there from the first moment.</summary>
[Collection(ConformanceAgent.Name)]
public sealed class StatsTests(AgentFixture agent)
{
    [Fact]
    public async Task ContainerStats_JustAfterTheStart_HaveTimes()
    {
        await using CriPod pod = await CriPod.RunAsync(agent);
        ContainerConfig config = CriPod.Idle();
        string container = await pod.StartAsync(config);

        ContainerStats stats = (await agent.Runtime.ContainerStatsAsync(new ContainerStatsRequest { ContainerId = container })).Stats;

        Assert.Equal((container, config.Metadata), (stats.Attributes.Id, stats.Attributes.Metadata));
        Assert.NotEqual(0, stats.Cpu.Timestamp);
        Assert.NotEqual(0, stats.Memory.Timestamp);
        Assert.NotEqual(0UL, stats.Memory.WorkingSetBytes.Value);
    }

    [Fact]
    public async Task ListContainerStats_WithoutFilter_HasAllRunning()
    {
        await using CriPod pod = await CriPod.RunAsync(agent);
        string[] containers = [await pod.StartAsync(CriPod.Idle()), await pod.StartAsync(CriPod.Idle()), await pod.StartAsync(CriPod.Idle())];

        Assert.Subset((await ListAsync(null)).ToHashSet(), containers.ToHashSet());
    }

    [Fact]
    public async Task ListContainerStats_ByIdAndLabel_HasThatOne()
    {
        await using CriPod pod = await CriPod.RunAsync(agent);
        ContainerConfig config = CriPod.Idle();
        config.Labels.Add("colour", "red");
        string container = await pod.StartAsync(config);
        await pod.StartAsync(CriPod.Idle());

        Assert.Equal([container], await ListAsync(new ContainerStatsFilter { Id = container }));
        Assert.Equal([container], await ListAsync(new ContainerStatsFilter { LabelSelector = { ["colour"] = "red" } }));
        Assert.Empty(await ListAsync(new ContainerStatsFilter { LabelSelector = { ["colour"] = "blue" } }));
    }

    private async Task<IReadOnlyList<string>> ListAsync(ContainerStatsFilter? filter) =>
        [.. (await agent.Runtime.ListContainerStatsAsync(new ListContainerStatsRequest { Filter = filter })).Stats.Select(stats => stats.Attributes.Id)];
}
