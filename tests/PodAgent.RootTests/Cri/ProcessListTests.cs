using Grpc.Core;
using PodAgent.Api.Cri;
using PodAgent.Api.V1;

namespace PodAgent.RootTests.Cri;

/// <summary>What runs in a pod, told by the node.</summary>
public sealed class ProcessListTests
{
    [Fact]
    public async Task ListProcesses_OfAPod_HasPauseAndEveryProcessWithBothIds()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string sandbox = await machine.RunAsync();
        string container = await machine.StartAsync(sandbox, CriMachine.Shell("sleep 1000 & exec sleep 2000"));

        // The shell has started once both have become what they execute.
        IReadOnlyList<ContainerProcess> processes;
        do
        {
            await Task.Yield();
            processes = (await machine.Processes.ListProcessesAsync(new ListProcessesRequest { PodSandboxId = sandbox })).Processes;
        }
        while (processes.Count(process => process.Name == "sleep") < 2);

        Assert.Equal("", Assert.Single(processes, process => process.Name == "pause").ContainerId);
        ContainerProcess main = Assert.Single(processes, process => process.ContainerId == container && process.Command.Contains("2000"));
        Assert.Equal("root", main.User);
        ContainerProcess child = Assert.Single(processes, process => process.ParentPid == main.Pid);
        Assert.Equal(["sleep", "1000"], child.Command);
        Assert.True(child.PidInContainer > 1 && child.Pid != child.PidInContainer && child.RssBytes > 0 && child.Threads == 1);
        Assert.Equal(
            [main.Pid, child.Pid],
            (await machine.Processes.ListProcessesAsync(new ListProcessesRequest { ContainerId = container })).Processes.Select(process => process.Pid).Order());
    }

    [Fact]
    public async Task ListProcesses_OfWhatIsNotThere_IsNotFound()
    {
        await using CriMachine machine = await CriMachine.StartAsync();

        RpcException unknown = await Assert.ThrowsAsync<RpcException>(async () => await machine.Processes.ListProcessesAsync(new ListProcessesRequest { ContainerId = "none" }));
        RpcException unclear = await Assert.ThrowsAsync<RpcException>(async () => await machine.Processes.ListProcessesAsync(new ListProcessesRequest()));

        Assert.Equal(StatusCode.NotFound, unknown.StatusCode);
        Assert.Equal(StatusCode.InvalidArgument, unclear.StatusCode);
    }
}
