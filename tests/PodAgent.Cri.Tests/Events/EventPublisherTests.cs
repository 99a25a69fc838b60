using PodAgent.Api.Cri;
using PodAgent.Cri.Tests.Fakes;
using PodAgent.Linux;

namespace PodAgent.Cri.Tests.Events;

public sealed class EventPublisherTests : IDisposable
{
    private readonly TestRuntime _runtime = new();

    [Fact]
    public async Task StreamAsync_WholeLifeOfAPod_IsToldInOrder()
    {
        var seen = new List<ContainerEventResponse>();
        Task stream = _runtime.Context.Events.StreamAsync(
            message =>
            {
                seen.Add(message);
                return Task.CompletedTask;
            },
            CancellationToken.None);
        string sandbox = await _runtime.RunAsync();
        string id = await _runtime.RunningAsync(sandbox);
        await _runtime.Stop.StopAsync(_runtime.Container(id), TimeSpan.Zero, CancellationToken.None);
        await _runtime.Remove.RemoveAsync(_runtime.Container(id), CancellationToken.None);
        await _runtime.RemoveSandbox.InvokeAsync(new RemovePodSandboxRequest { PodSandboxId = sandbox }, CancellationToken.None);
        _runtime.Context.Events.Complete();
        await stream;
        Assert.Equal(
            [
                (sandbox, ContainerEventType.ContainerCreatedEvent), (sandbox, ContainerEventType.ContainerStartedEvent),
                (id, ContainerEventType.ContainerCreatedEvent), (id, ContainerEventType.ContainerStartedEvent),
                (id, ContainerEventType.ContainerStoppedEvent), (id, ContainerEventType.ContainerDeletedEvent),
                (sandbox, ContainerEventType.ContainerStoppedEvent), (sandbox, ContainerEventType.ContainerDeletedEvent),
            ],
            seen.Select(message => (message.ContainerId, message.ContainerEventType)));
        ContainerEventResponse stopped = seen[4];
        Assert.Equal(sandbox, stopped.PodSandboxStatus.Id);
        Assert.Equal(137, Assert.Single(stopped.ContainersStatuses).ExitCode);
        Assert.Equal(PodSandboxState.SandboxNotready, seen[6].PodSandboxStatus.State);
    }

    [Fact]
    public async Task StreamAsync_ClientThatDoesNotRead_IsToldToListAgain()
    {
        var taken = new TaskCompletionSource();
        Task stream = _runtime.Context.Events.StreamAsync(_ => taken.Task, CancellationToken.None);
        for (int i = 0; i < 501; i++)
        {
            await _runtime.RunAsync(TestRuntime.SandboxRequest($"p{i}"));
        }

        taken.SetResult();
        var failure = await Assert.ThrowsAsync<AgentException>(() => stream);
        Assert.Equal(ErrorKind.ResourceExhausted, failure.Kind);
    }

    [Fact]
    public async Task StreamAsync_ClientLeaves_NothingIsKeptForIt()
    {
        using var leave = new CancellationTokenSource();
        Task stream = _runtime.Context.Events.StreamAsync(_ => Task.CompletedTask, leave.Token);
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stream);
        await _runtime.RunAsync();
    }

    public void Dispose() => _runtime.Dispose();
}
