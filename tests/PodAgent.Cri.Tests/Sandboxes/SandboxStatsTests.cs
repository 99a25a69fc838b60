using PodAgent.Api.Cri;
using PodAgent.Containers.Cgroups;
using PodAgent.Cri.Containers;
using PodAgent.Cri.Sandboxes;
using PodAgent.Cri.Tests.Fakes;

namespace PodAgent.Cri.Tests.Sandboxes;

public sealed class SandboxStatsTests : IDisposable
{
    private readonly TestRuntime _runtime = new();

    [Fact]
    public async Task Stats_PodWithNetwork_HasInterfacesWithoutLoopback()
    {
        PodSandboxStats stats = Stats(await _runtime.RunAsync());
        Assert.Equal(("eth0", 100ul, 1ul, 200ul, 3ul), (
            stats.Linux.Network.DefaultInterface.Name,
            stats.Linux.Network.DefaultInterface.RxBytes.Value,
            stats.Linux.Network.DefaultInterface.RxErrors.Value,
            stats.Linux.Network.DefaultInterface.TxBytes.Value,
            stats.Linux.Network.DefaultInterface.TxErrors.Value));
        Assert.Equal(["net1"], stats.Linux.Network.Interfaces.Select(usage => usage.Name));
        Assert.Null(stats.Linux.Io);
        Assert.Null(stats.Linux.Cpu.Psi);
    }

    [Fact]
    public async Task Stats_PodOnTheNodesNetwork_LeavesTheNodesCountersOut()
    {
        RunPodSandboxRequest request = TestRuntime.SandboxRequest();
        request.Config.Linux = new LinuxPodSandboxConfig
        {
            SecurityContext = new LinuxSandboxSecurityContext { NamespaceOptions = new NamespaceOption { Network = NamespaceMode.Node } },
        };
        Assert.Null(Stats(await _runtime.RunAsync(request)).Linux.Network);
    }

    [Fact]
    public async Task Stats_KernelWithPressure_HasItInNanoseconds()
    {
        var pressure = new Pressure(new PressureLine(1, 2, 3, 4), new PressureLine(0, 0, 0, 1));
        _runtime.Cgroups.Pressure = new PressureStats(pressure, pressure, pressure);
        PodSandboxStats stats = Stats(await _runtime.RunAsync());
        var expected = new PsiStats { Some = new PsiData { Avg10 = 1, Avg60 = 2, Avg300 = 3, Total = 4000 }, Full = new PsiData { Total = 1000 } };
        Assert.Equal(expected, stats.Linux.Cpu.Psi);
        Assert.Equal(expected, stats.Linux.Memory.Psi);
        Assert.Equal(expected, stats.Linux.Io.Psi);
    }

    [Fact]
    public async Task Stats_Container_HasWhatIsLeftOfSwap()
    {
        string sandbox = await _runtime.RunAsync();
        string id = await _runtime.RunningAsync(sandbox);
        SwapUsage swap = new GetContainerStats(_runtime.Context).Invoke(new ContainerStatsRequest { ContainerId = id }).Stats.Swap;
        Assert.Equal((10ul, 90ul), (swap.SwapUsageBytes.Value, swap.SwapAvailableBytes.Value));
    }

    public void Dispose() => _runtime.Dispose();

    private PodSandboxStats Stats(string sandbox) =>
        new GetPodSandboxStats(_runtime.Context, new GetContainerStats(_runtime.Context)).Invoke(new PodSandboxStatsRequest { PodSandboxId = sandbox }).Stats;
}
