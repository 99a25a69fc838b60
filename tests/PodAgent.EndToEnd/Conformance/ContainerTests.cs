using Grpc.Core;
using PodAgent.Api.Cri;
using PodAgent.EndToEnd.Harness;

namespace PodAgent.EndToEnd.Conformance;

/// <summary>A container's life, its commands and its end.</summary>
[Collection(ConformanceAgent.Name)]
public sealed class ContainerTests(AgentFixture agent)
{
    [Fact]
    public async Task Container_Created_IsListed()
    {
        await using CriPod pod = await CriPod.RunAsync(agent);

        string container = await pod.CreateAsync(CriPod.Idle());

        Assert.Equal(ContainerState.ContainerCreated, Assert.Single(await ListAsync(container)).State);
    }

    [Fact]
    public async Task Container_WithoutCommandAndLinuxSection_TakesTheImagesCommandAndKeepsItsAttributes()
    {
        await using CriPod pod = await CriPod.RunAsync(agent);
        ContainerConfig config = CriPod.Container();
        config.Labels.Add("tier", "front");
        config.Annotations.Add("note", "kept unchanged");

        string container = await pod.CreateAsync(config);

        ContainerStatus status = await pod.StatusAsync(container);
        Container listed = Assert.Single(await ListAsync(container));
        Assert.Equal((config.Metadata, config.Metadata), (status.Metadata, listed.Metadata));
        Assert.Equal((config.Labels, config.Labels), (status.Labels, listed.Labels));
        Assert.Equal((config.Annotations, config.Annotations), (status.Annotations, listed.Annotations));
        Assert.Equal((0L, 0L), (status.StartedAt, status.FinishedAt));
    }

    [Fact]
    public async Task Container_Started_Runs()
    {
        await using CriPod pod = await CriPod.RunAsync(agent);

        ContainerStatus status = await pod.StatusAsync(await pod.StartAsync(CriPod.Container("top")));

        Assert.Equal(ContainerState.ContainerRunning, status.State);
        Assert.NotEqual(0, status.StartedAt);
    }

    // A program that installs no handler ignores SIGTERM when it is process 1; in the pod's shared PID namespace it is not.
    [Fact]
    public async Task Container_StoppedWithPatience_EndsBySigterm()
    {
        await using CriPod pod = await CriPod.RunAsync(agent);
        string container = await pod.StartAsync(CriPod.Container("top"));

        await pod.StopAsync(container, 60);

        ContainerStatus status = await pod.StatusAsync(container);
        Assert.Equal((ContainerState.ContainerExited, 128 + 15), (status.State, status.ExitCode));
    }

    [Fact]
    public async Task Container_StoppedWithoutPatience_IsKilled()
    {
        await using CriPod pod = await CriPod.RunAsync(agent);
        string container = await pod.StartAsync(CriPod.Shell("trap '' TERM; while :; do sleep 1; done"));

        await pod.StopAsync(container, 0);

        ContainerStatus status = await pod.StatusAsync(container);
        Assert.Equal((ContainerState.ContainerExited, 128 + 9), (status.State, status.ExitCode));
    }

    [Theory]
    [InlineData(ContainerState.ContainerCreated)]
    [InlineData(ContainerState.ContainerRunning)]
    [InlineData(ContainerState.ContainerExited)]
    public async Task Container_InAnyState_CanBeRemoved(ContainerState state)
    {
        await using CriPod pod = await CriPod.RunAsync(agent);
        string container = state == ContainerState.ContainerCreated ? await pod.CreateAsync(CriPod.Idle()) : await pod.StartAsync(CriPod.Idle());
        if (state == ContainerState.ContainerExited)
        {
            await pod.StopAsync(container, 0);
        }

        Assert.Equal(state, (await pod.StatusAsync(container)).State);
        await pod.RemoveAsync(container);

        Assert.Empty(await ListAsync(container));
    }

    [Fact]
    public async Task Container_WhoseFirstProcessEnds_TakesItsChildrenAlong()
    {
        await using CriPod pod = await CriPod.RunAsync(agent);
        string witness = await pod.StartAsync(CriPod.Container("top"));

        await pod.ExitAsync(await pod.StartAsync(CriPod.Shell("sleep 4321 & sleep 4321 & exit 7")));

        Assert.DoesNotContain("4321", await pod.OutputAsync(witness, "ps", "-o", "args"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Exec_Command_AnswersExactly()
    {
        await using CriPod pod = await CriPod.RunAsync(agent);
        string container = await pod.StartAsync(CriPod.Idle());

        Assert.Equal((0, "hello", ""), await pod.ExecAsync(container, "echo", "-n", "hello"));
        Assert.Equal((3, "out\n", "error\n"), await pod.ExecAsync(container, "sh", "-c", "echo out; echo error >&2; exit 3"));
    }

    // What was killed but not reaped would still be listed.
    [Fact]
    public async Task Exec_ThatTakesTooLong_IsKilledAndReapedBeforeTheAnswer()
    {
        await using CriPod pod = await CriPod.RunAsync(agent);
        string container = await pod.StartAsync(CriPod.Container("top"));

        RpcException late = await Assert.ThrowsAsync<RpcException>(async () =>
            await agent.Runtime.ExecSyncAsync(new ExecSyncRequest { ContainerId = container, Cmd = { "sleep", "4321" }, Timeout = 1 }));

        Assert.Equal(StatusCode.DeadlineExceeded, late.StatusCode);
        Assert.DoesNotContain("sleep", await pod.OutputAsync(container, "sh", "-c", "cat /proc/[0-9]*/comm 2>/dev/null || true"), StringComparison.Ordinal);
    }

    // The limit strikes dd, which may be a child of the shell: the shell's own end is an ordinary one with 137.
    [Theory]
    [InlineData("dd if=/dev/zero of=/dev/null bs=20M")]
    [InlineData("dd if=/dev/zero of=/dev/null bs=20M; exit $?")]
    public async Task Container_OutOfMemory_SaysSo(string script)
    {
        await using CriPod pod = await CriPod.RunAsync(agent);
        ContainerConfig config = CriPod.Shell(script);
        const long Limit = 15 << 20;
        config.Linux = new LinuxContainerConfig { Resources = new LinuxContainerResources { MemoryLimitInBytes = Limit, MemorySwapLimitInBytes = Limit } };

        (ContainerStatus status, _, _) = await pod.RunToEndAsync(config);

        Assert.Equal(("OOMKilled", 137), (status.Reason, status.ExitCode));
    }

    private async Task<IReadOnlyList<Container>> ListAsync(string id) =>
        (await agent.Runtime.ListContainersAsync(new ListContainersRequest { Filter = new ContainerFilter { Id = id } })).Containers;
}
