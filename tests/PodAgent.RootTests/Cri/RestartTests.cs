using PodAgent.Api.Cri;
using PodAgent.Linux.Processes;

namespace PodAgent.RootTests.Cri;

public sealed class RestartTests
{
    [Fact]
    public async Task Restart_RunningPod_GoesOnAndCanBeUsed()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string sandbox = await machine.RunAsync();
        string id = await machine.StartAsync(sandbox, CriMachine.Shell("sleep 1000"));
        string created = await machine.CreateAsync(sandbox, CriMachine.Shell("echo late", "late"));
        int pid = await machine.PidAsync(id);
        string ip = (await machine.Runtime.PodSandboxStatusAsync(new PodSandboxStatusRequest { PodSandboxId = sandbox })).Status.Network.Ip;
        await machine.RestartAsync();
        Assert.Equal(pid, await machine.PidAsync(id));
        Assert.True(Directory.Exists($"/proc/{pid}"));
        PodSandboxStatus status = (await machine.Runtime.PodSandboxStatusAsync(new PodSandboxStatusRequest { PodSandboxId = sandbox })).Status;
        Assert.Equal((PodSandboxState.SandboxReady, ip), (status.State, status.Network.Ip));
        Assert.Equal((0, "x\n", ""), await machine.ExecAsync(id, "echo", "x"));
        await machine.Runtime.StartContainerAsync(new StartContainerRequest { ContainerId = created });
        Assert.Equal(0, (await machine.ExitAsync(created)).ExitCode);
        Assert.Equal(["late"], machine.LogTexts("late"));
        await machine.RemoveSandboxAsync(sandbox);
        Assert.Empty(machine.Leftovers());
    }

    [Fact]
    public async Task Restart_ContainerEndedMeanwhile_ExitCodeAndLogAreThere()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string sandbox = await machine.RunAsync();
        string id = await machine.StartAsync(sandbox, CriMachine.Shell("sleep 0.5; echo bye; exit 42"));
        int pid = await machine.PidAsync(id);
        await machine.RestartAsync(() => EndAsync(pid));
        ContainerStatus status = await machine.ExitAsync(id);
        Assert.Equal((ContainerState.ContainerExited, 42, "Error"), (status.State, status.ExitCode, status.Reason));
        Assert.True(status.FinishedAt > status.StartedAt);
        Assert.Equal(["bye"], machine.LogTexts());
    }

    [Fact]
    public async Task Restart_TenTimes_LosesNothing()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string sandbox = await machine.RunAsync();
        string id = await machine.StartAsync(sandbox, CriMachine.Shell("sleep 1000"));
        int pid = await machine.PidAsync(id);
        for (int i = 0; i < 10; i++)
        {
            await machine.RestartAsync();
        }

        Assert.Equal(pid, await machine.PidAsync(id));
        await machine.RemoveSandboxAsync(sandbox);
        Assert.Empty(machine.Leftovers());
    }

    [Fact]
    public async Task Supervisor_KilledWhileTheAgentRuns_SandboxIsNotReadyAndRemovable()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string sandbox = await machine.RunAsync();
        string id = await machine.StartAsync(sandbox, CriMachine.Shell("sleep 1000"));
        int pid = await machine.PidAsync(id);
        await KillAsync(machine.Supervisors());
        ContainerStatus status = await machine.ExitAsync(id);
        Assert.Equal((255, "Unknown"), (status.ExitCode, status.Reason));
        Assert.Equal(
            PodSandboxState.SandboxNotready,
            (await machine.Runtime.PodSandboxStatusAsync(new PodSandboxStatusRequest { PodSandboxId = sandbox })).Status.State);
        await EndAsync(pid);
        await machine.RemoveSandboxAsync(sandbox);
        Assert.Empty(machine.Leftovers());
    }

    [Fact]
    public async Task Supervisor_KilledWhileNoAgentRuns_SandboxIsNotReadyAndRemovable()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string sandbox = await machine.RunAsync();
        string id = await machine.StartAsync(sandbox, CriMachine.Shell("sleep 1000"));
        int pid = await machine.PidAsync(id);
        await machine.RestartAsync(() => KillAsync(machine.Supervisors()));
        Assert.Equal((255, "Unknown"), ((await machine.StatusAsync(id)).ExitCode, (await machine.StatusAsync(id)).Reason));
        await EndAsync(pid);
        await machine.RemoveSandboxAsync(sandbox);
        Assert.Empty(machine.Leftovers());
    }

    private static async Task KillAsync(IReadOnlyList<int> supervisors)
    {
        Assert.Single(supervisors);
        using (PodAgent.Linux.Fd process = PidFds.Open(supervisors[0]))
        {
            PidFds.Signal(process, 9);
        }

        await EndAsync(supervisors[0]);
    }

    private static Task EndAsync(int pid) => Task.Run(() =>
    {
        using PodAgent.Linux.Fd? process = PidFds.TryOpen(pid);
        if (process is not null)
        {
            PodAgent.Linux.Events.Polling.Wait(process, PodAgent.Linux.Events.EventKinds.Readable, 20_000);
        }
    });
}
