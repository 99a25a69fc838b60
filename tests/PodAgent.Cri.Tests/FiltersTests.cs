using PodAgent.Api.Cri;
using PodAgent.Cri.Tests.Fakes;

namespace PodAgent.Cri.Tests;

public sealed class FiltersTests : IDisposable
{
    private readonly TestRuntime _runtime = new();

    [Fact]
    public async Task Sandboxes_EveryCondition_MustHold()
    {
        string a = await _runtime.RunAsync(TestRuntime.SandboxRequest("a"));
        string b = await _runtime.RunAsync(TestRuntime.SandboxRequest("b"));
        await _runtime.StopSandbox.InvokeAsync(new StopPodSandboxRequest { PodSandboxId = b }, CancellationToken.None);
        Assert.Equal(new[] { a, b }.Order(), Select(null));
        Assert.Equal(new[] { a, b }.Order(), Select(new PodSandboxFilter()));
        Assert.Equal([a], Select(new() { Id = a }));
        Assert.Equal([a], Select(new() { Id = a[..13] }));
        Assert.Equal([b], Select(new() { State = new() { State = PodSandboxState.SandboxNotready } }));
        Assert.Equal([a], Select(new() { State = new() { State = PodSandboxState.SandboxReady } }));
        Assert.Equal([b], Select(new() { LabelSelector = { ["app"] = "b" } }));
        Assert.Empty(Select(new() { Id = a, LabelSelector = { ["app"] = "b" } }));
        Assert.Empty(Select(new() { Id = new string('0', 64) }));
        Assert.Empty(Select(new() { LabelSelector = { ["app"] = "a", ["tier"] = "x" } }));
    }

    [Fact]
    public async Task Containers_EveryCondition_MustHold()
    {
        string a = await _runtime.RunAsync(TestRuntime.SandboxRequest("a"));
        string b = await _runtime.RunAsync(TestRuntime.SandboxRequest("b"));
        string one = await _runtime.RunningAsync(a, "one");
        string two = await _runtime.CreateAsync(b, "two");
        Assert.Equal(new[] { one, two }.Order(), Select((ContainerFilter?)null));
        Assert.Equal([one], Select(new ContainerFilter { PodSandboxId = a }));
        Assert.Equal([one], Select(new ContainerFilter { PodSandboxId = a[..10] }));
        Assert.Empty(Select(new ContainerFilter { PodSandboxId = "nope" }));
        Assert.Equal([two], Select(new ContainerFilter { State = new() { State = ContainerState.ContainerCreated } }));
        Assert.Equal([one], Select(new ContainerFilter { LabelSelector = { ["name"] = "one" } }));
        Assert.Equal([two], Select(new ContainerFilter { Id = two }));
        Assert.Empty(Select(new ContainerFilter { Id = two, PodSandboxId = a }));
    }

    public void Dispose() => _runtime.Dispose();

    private IEnumerable<string> Select(PodSandboxFilter? filter) =>
        Filters.Select(_runtime.Context.Sandboxes, filter).Select(record => record.Id).Order();

    private IEnumerable<string> Select(ContainerFilter? filter) =>
        Filters.Select(_runtime.Context.Containers, _runtime.Context.Sandboxes, filter).Select(record => record.Id).Order();
}
