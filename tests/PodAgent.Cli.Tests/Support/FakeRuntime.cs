using Grpc.Core;
using PodAgent.Api.Cri;

namespace PodAgent.Cli.Tests.Support;

/// <summary>A runtime with one pod of two containers, of which one has ended.</summary>
internal sealed class FakeRuntime : RuntimeService.RuntimeServiceBase
{
    private ulong _cpu;

    private static readonly Container[] s_containers =
    [
        Make("c1aaaaaaaaaaaaaaaaaa", "main", ContainerState.ContainerRunning, 2),
        Make("c2bbbbbbbbbbbbbbbbbb", "prepare", ContainerState.ContainerExited, 1),
    ];

    public override Task<ListPodSandboxResponse> ListPodSandbox(ListPodSandboxRequest request, ServerCallContext context) =>
        Task.FromResult(new ListPodSandboxResponse { Items = { new PodSandbox { Id = "s1cccccccccccccccccc", Metadata = Metadata } } });

    public override Task<ListContainersResponse> ListContainers(ListContainersRequest request, ServerCallContext context) =>
        Task.FromResult(new ListContainersResponse { Containers = { s_containers } });

    public override Task<PodSandboxStatusResponse> PodSandboxStatus(PodSandboxStatusRequest request, ServerCallContext context) =>
        Task.FromResult(new PodSandboxStatusResponse
        {
            Status = new PodSandboxStatus { Id = request.PodSandboxId, Metadata = Metadata },
            Info = { ["info"] = """{"pid":1,"cgroup":"podagent/pod1"}""" },
        });

    public override Task<ContainerStatusResponse> ContainerStatus(ContainerStatusRequest request, ServerCallContext context)
    {
        Container container = s_containers.Single(container => container.Id == request.ContainerId);
        return Task.FromResult(new ContainerStatusResponse
        {
            Status = new ContainerStatus { Id = container.Id, Metadata = container.Metadata, State = container.State, LogPath = "/var/log/pods/x/0.log" },
            Info = { ["info"] = $$"""{"pid":{{(container.State == ContainerState.ContainerRunning ? Environment.ProcessId : 0)}},"args":["sleep","1"]}""", ["note"] = "not JSON" },
        });
    }

    public override Task<ListPodSandboxStatsResponse> ListPodSandboxStats(ListPodSandboxStatsRequest request, ServerCallContext context)
    {
        // Half a processor, by the runtime's own clock.
        ulong calls = ++_cpu;
        var cpu = new CpuUsage { Timestamp = (long)calls * 1_000_000_000, UsageCoreNanoSeconds = new UInt64Value { Value = calls * 500_000_000 } };
        var memory = new MemoryUsage { WorkingSetBytes = new UInt64Value { Value = 16 << 20 }, AvailableBytes = new UInt64Value { Value = 48 << 20 } };
        return Task.FromResult(new ListPodSandboxStatsResponse
        {
            Stats =
            {
                new PodSandboxStats
                {
                    Attributes = new PodSandboxAttributes { Id = "s1cccccccccccccccccc", Metadata = Metadata },
                    Linux = new LinuxPodSandboxStats
                    {
                        Cpu = cpu,
                        Memory = memory,
                        Network = new NetworkUsage
                        {
                            DefaultInterface = new NetworkInterfaceUsage { Name = "eth0", RxBytes = new UInt64Value { Value = 2048 }, TxBytes = new UInt64Value { Value = 512 } },
                        },
                        Process = new ProcessUsage { ProcessCount = new UInt64Value { Value = 3 } },
                        Containers = { new ContainerStats { Attributes = new ContainerAttributes { Id = s_containers[0].Id, Metadata = s_containers[0].Metadata }, Cpu = cpu, Memory = memory } },
                    },
                },
            },
        });
    }

    private static PodSandboxMetadata Metadata => new() { Name = "web", Namespace = "default", Uid = "u1" };

    private static Container Make(string id, string name, ContainerState state, long createdAt) => new()
    {
        Id = id,
        PodSandboxId = "s1cccccccccccccccccc",
        Metadata = new ContainerMetadata { Name = name },
        Image = new ImageSpec { Image = "sha256:0123", UserSpecifiedImage = "x:1" },
        State = state,
        CreatedAt = createdAt,
        Labels = { ["io.kubernetes.pod.name"] = "web", ["io.kubernetes.pod.namespace"] = "default" },
    };
}
