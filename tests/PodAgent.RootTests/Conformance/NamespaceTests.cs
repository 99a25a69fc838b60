using Grpc.Core;
using PodAgent.Api.Cri;
using PodAgent.RootTests.Cri;

namespace PodAgent.RootTests.Conformance;

/// <summary>Whose processes a container sees, and that creating is idempotent.</summary>
public sealed class NamespaceTests
{
    [Fact]
    public async Task Target_OtherContainer_SeesItsProcessesAndNotThoseOfThePod()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        PodSandboxConfig pod = machine.Pod();
        pod.Linux.SecurityContext.NamespaceOptions.Pid = NamespaceMode.Container;
        string sandbox = await machine.RunAsync(pod);
        string target = await machine.StartAsync(sandbox, Shell("exec sleep 4242", "target", NamespaceMode.Container));
        ContainerConfig debug = Shell("sleep 1000", "debug", NamespaceMode.Target);
        debug.Linux.SecurityContext.NamespaceOptions.TargetId = target;
        string id = await machine.StartAsync(sandbox, debug);
        Assert.Equal("sleep 4242 ", (await machine.ShellAsync(id, "tr '\\0' ' ' < /proc/1/cmdline")).Out);
        Assert.Equal(new FileInfo($"/proc/{await machine.PidAsync(target)}/ns/pid").LinkTarget, new FileInfo($"/proc/{await machine.PidAsync(id)}/ns/pid").LinkTarget);
        Assert.Equal("target\n", (await machine.ShellAsync(id, "cat /proc/1/root/name 2>/dev/null || echo target")).Out);
        await machine.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = id });
        Assert.Equal(ContainerState.ContainerRunning, (await machine.StatusAsync(target)).State);
    }

    [Theory]
    [InlineData("", StatusCode.InvalidArgument)]
    [InlineData("0000", StatusCode.NotFound)]
    public async Task Target_ThatIsNotThere_IsRefusedAtCreate(string target, StatusCode expected)
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        ContainerConfig debug = Shell("true", "debug", NamespaceMode.Target);
        debug.Linux.SecurityContext.NamespaceOptions.TargetId = target;
        string sandbox = await machine.RunAsync();
        Assert.Equal(expected, (await Assert.ThrowsAsync<RpcException>(() => machine.CreateAsync(sandbox, debug))).StatusCode);
    }

    [Fact]
    public async Task Target_OfAnotherPodOrEnded_IsRefusedAtCreate()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string sandbox = await machine.RunAsync();
        string other = await machine.StartAsync(await machine.RunAsync(machine.Pod("other")), CriMachine.Shell("sleep 1000"));
        string ended = await machine.StartAsync(sandbox, CriMachine.Shell("true", "ended"));
        await machine.ExitAsync(ended);
        foreach (string target in new[] { other, ended })
        {
            ContainerConfig debug = Shell("true", "debug", NamespaceMode.Target);
            debug.Linux.SecurityContext.NamespaceOptions.TargetId = target;
            Assert.Equal(StatusCode.FailedPrecondition, (await Assert.ThrowsAsync<RpcException>(() => machine.CreateAsync(sandbox, debug))).StatusCode);
        }
    }

    [Fact]
    public async Task Creation_RepeatedAtOnce_IsOneSandboxAndOneContainer()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string[] sandboxes = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => machine.RunAsync()));
        string sandbox = Assert.Single(sandboxes.Distinct());
        string[] containers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => machine.CreateAsync(sandbox, CriMachine.Shell("true"))));
        Assert.Single(containers.Distinct());
        Assert.Single((await machine.Runtime.ListContainersAsync(new ListContainersRequest())).Containers);
        Assert.Equal(sandbox, await machine.RunAsync());
    }

    [Fact]
    public async Task Creation_Cancelled_LeavesNothingAndNoReservation()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        var request = new RunPodSandboxRequest { Config = machine.Pod() };
        for (int i = 0; i < 8; i++)
        {
            using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(i));
            try
            {
                string made = (await machine.Runtime.RunPodSandboxAsync(request, new CallOptions(cancellationToken: cancel.Token))).PodSandboxId;
                await machine.RemoveSandboxAsync(made);
            }
            catch (RpcException cancelled) when (cancelled.StatusCode == StatusCode.Cancelled)
            {
            }
        }

        string id = await machine.RunAsync();
        Assert.Equal(id, Assert.Single((await machine.Runtime.ListPodSandboxAsync(new ListPodSandboxRequest())).Items).Id);
        await machine.RemoveSandboxAsync(id);
        Assert.Empty(machine.Leftovers());
    }

    [Fact]
    public async Task StopAndRemove_OfWhatIsNotThere_AreFine()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string nobody = Guid.NewGuid().ToString();
        await machine.StopSandboxAsync(nobody);
        await machine.RemoveSandboxAsync(nobody);
        await machine.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = nobody });
        await machine.Runtime.RemoveContainerAsync(new RemoveContainerRequest { ContainerId = nobody });
        string sandbox = await machine.RunAsync();
        await machine.StopSandboxAsync(sandbox);
        await machine.StopSandboxAsync(sandbox);
        var failure = await Assert.ThrowsAsync<RpcException>(() => machine.CreateAsync(sandbox, CriMachine.Shell("true")));
        Assert.Equal(StatusCode.FailedPrecondition, failure.StatusCode);
    }

    private static ContainerConfig Shell(string script, string name, NamespaceMode pid)
    {
        ContainerConfig config = CriMachine.Shell(script, name);
        config.Linux.SecurityContext.NamespaceOptions.Pid = pid;
        return config;
    }
}
