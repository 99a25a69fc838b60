using Grpc.Core;
using PodAgent.Api.Cri;
using PodAgent.Cri.Tests.Fakes;
using PodAgent.Linux;

namespace PodAgent.Cri.Tests.Node;

public sealed class RuntimeServiceServerTests : IDisposable
{
    private readonly TestRuntime _runtime = new();

    [Fact]
    public async Task Version_Always_HasFourNonEmptyStrings()
    {
        VersionResponse version = await Server().Version(new VersionRequest(), new TestCallContext());
        Assert.All([version.Version, version.RuntimeName, version.RuntimeVersion, version.RuntimeApiVersion], Assert.NotEmpty);
        Assert.NotEqual("docker", version.RuntimeName);
    }

    [Fact]
    public async Task Status_NetworkBroken_SaysWhy()
    {
        _runtime.Machine.Problem = "libnftables is missing";
        StatusResponse status = await Server().Status(new StatusRequest { Verbose = true }, new TestCallContext());
        Assert.True(status.Status.Conditions.Single(condition => condition.Type == "RuntimeReady").Status);
        RuntimeCondition network = status.Status.Conditions.Single(condition => condition.Type == "NetworkReady");
        Assert.Equal((false, "libnftables is missing"), (network.Status, network.Message));
        Assert.Contains(_runtime.Context.Options.StateDirectory, status.Info["config"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task RuntimeConfig_Driver_IsTheOneInForce() => Assert.Equal(
        CgroupDriver.Cgroupfs, (await Server().RuntimeConfig(new RuntimeConfigRequest(), new TestCallContext())).Linux.CgroupDriver);

    [Fact]
    public async Task Status_Handlers_AreTheNamelessAndTheConfiguredOnes()
    {
        StatusResponse status = await Server().Status(new StatusRequest(), new TestCallContext());
        Assert.Equal(["", "tuned"], status.RuntimeHandlers.Select(handler => handler.Name));
        Assert.All(status.RuntimeHandlers, handler => Assert.True(handler.Features.RecursiveReadOnlyMounts && handler.Features.UserNamespaces));
        Assert.Equal(new RuntimeFeatures { SupplementalGroupsPolicy = true, UserNamespacesHostNetwork = true, MountOptions = true }, status.Features);
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("10.5.0.0/24", "10.5.0.0/24")]
    public async Task UpdateRuntimeConfig_Range_IsHandedToTheNetwork(string range, string? expected)
    {
        await Server().UpdateRuntimeConfig(
            new UpdateRuntimeConfigRequest { RuntimeConfig = new RuntimeConfig { NetworkConfig = new NetworkConfig { PodCidr = range } } }, new TestCallContext());
        Assert.Equal(expected, _runtime.Machine.Subnet);
    }

    [Fact]
    public async Task Checkpoints_Asked_AreRefusedWithAReason()
    {
        Task[] calls =
        [
            Server().CheckpointContainer(new CheckpointContainerRequest(), new TestCallContext()),
            Server().CheckpointPod(new CheckpointPodRequest(), new TestCallContext()),
            Server().RestorePod(new RestorePodRequest(), new TestCallContext()),
        ];
        foreach (Task call in calls)
        {
            var failure = await Assert.ThrowsAsync<AgentException>(() => call);
            Assert.Equal(ErrorKind.Unimplemented, failure.Kind);
            Assert.Contains("CRIU", failure.Message, StringComparison.Ordinal);
        }
    }

    // Every method of the published service is overridden here: none may fall through to the generated base class.
    [Fact]
    public void Methods_All43_AreAnsweredByOurselves()
    {
        string[] missing =
        [
            .. new[] { typeof(RuntimeService.RuntimeServiceBase), typeof(ImageService.ImageServiceBase) }
                .Zip([typeof(RuntimeServiceServer), typeof(PodAgent.Cri.Images.ImageServiceServer)])
                .SelectMany(pair => pair.First.GetMethods()
                    .Where(method => method.IsVirtual && method.DeclaringType == pair.First)
                    .Where(method => pair.Second.GetMethod(method.Name, [.. method.GetParameters().Select(p => p.ParameterType)])!.DeclaringType != pair.Second)
                    .Select(method => method.Name)),
        ];
        Assert.Empty(missing);
    }

    [Fact]
    public async Task PodSandboxStatus_Ready_HasEverythingThatClientsCheck()
    {
        string id = await _runtime.RunAsync();
        await _runtime.RunningAsync(id);
        PodSandboxStatusResponse response = await Server().PodSandboxStatus(
            new PodSandboxStatusRequest { PodSandboxId = id, Verbose = true }, new TestCallContext());
        Assert.Equal(TestRuntime.SandboxRequest().Config.Metadata, response.Status.Metadata);
        Assert.Equal("10.88.0.2", response.Status.Network.Ip);
        Assert.NotEqual(0, response.Status.CreatedAt);
        Assert.Single(response.ContainersStatuses);
        Assert.Contains("\"pid\":999", response.Info["info"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task PodSandboxStatus_SeveralAttempts_HasTheNewestFirst()
    {
        string id = await _runtime.RunAsync();
        string[] containers = new string[3];
        for (int i = 0; i < containers.Length; i++)
        {
            containers[i] = await _runtime.CreateAsync(id, $"attempt-{i}");
            _runtime.Time.Advance(TimeSpan.FromSeconds(1));
        }

        PodSandboxStatusResponse response = await Server().PodSandboxStatus(new PodSandboxStatusRequest { PodSandboxId = id }, new TestCallContext());

        Assert.Equal(containers.Reverse(), response.ContainersStatuses.Select(status => status.Id));
    }

    [Fact]
    public async Task ContainerStatus_Created_HasEverythingThatClientsCheck()
    {
        string sandbox = await _runtime.RunAsync();
        CreateContainerRequest request = TestRuntime.ContainerRequest(sandbox);
        request.Config.Mounts.Add(new Mount { ContainerPath = "/host", HostPath = "/", Readonly = true });
        string id = await _runtime.CreateAsync(request);
        ContainerStatusResponse response = await Server().ContainerStatus(
            new ContainerStatusRequest { ContainerId = id, Verbose = true }, new TestCallContext());
        Assert.Equal(request.Config.Mounts, response.Status.Mounts);
        Assert.Equal(TestRuntime.Busybox, response.Status.Image.Image);
        Assert.Equal(response.Status.ImageId, response.Status.ImageRef);
        Assert.Equal(_runtime.Machine.Images[0].Id, response.Status.ImageId);
        Assert.Equal(new LinuxContainerUser { SupplementalGroups = { 0 } }, response.Status.User.Linux);
        Assert.Contains("\"args\":[\"sh\"]", response.Info["info"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task ContainerStatus_Unknown_IsNotFound() => Assert.Equal(
        ErrorKind.NotFound,
        (await Assert.ThrowsAsync<AgentException>(
            () => Server().ContainerStatus(new ContainerStatusRequest { ContainerId = "x" }, new TestCallContext()))).Kind);

    [Fact]
    public async Task Stats_RunningContainer_AreThereAndOthersAreLeftOut()
    {
        string sandbox = await _runtime.RunAsync();
        string running = await _runtime.RunningAsync(sandbox, "a");
        await _runtime.CreateAsync(sandbox, "b");
        ContainerStats stats = Assert.Single((await Server().ListContainerStats(new ListContainerStatsRequest(), new TestCallContext())).Stats);
        Assert.Equal(running, stats.Attributes.Id);
        Assert.Equal((42, 42), (stats.Cpu.Timestamp, stats.Memory.Timestamp));
        Assert.Equal(140u, stats.Memory.AvailableBytes.Value);
        PodSandboxStats pod = (await Server().PodSandboxStats(new PodSandboxStatsRequest { PodSandboxId = sandbox }, new TestCallContext())).Stats;
        Assert.Single(pod.Linux.Containers);
    }

    [Fact]
    public async Task StreamContainers_Many_ComeInSeveralMessages()
    {
        string sandbox = await _runtime.RunAsync();
        for (int i = 0; i < 501; i++)
        {
            await _runtime.CreateAsync(sandbox, $"c{i}");
        }

        var responses = new ResponseStream<StreamContainersResponse>();
        await Server().StreamContainers(new StreamContainersRequest(), responses, new TestCallContext());
        Assert.Equal((500, 1), ((await responses.NextAsync()).Containers.Count, (await responses.NextAsync()).Containers.Count));
    }

    public void Dispose() => _runtime.Dispose();

    private RuntimeServiceServer Server() => new(_runtime.Context, _runtime.Execs, _runtime.Streaming);
}
