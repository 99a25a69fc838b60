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
        Assert.Equal(new[] { a, b }.Order(), SelectSandboxes(null));
        Assert.Equal(new[] { a, b }.Order(), SelectSandboxes(new PodSandboxFilter()));
        Assert.Equal([a], SelectSandboxes(new() { Id = a }));
        Assert.Equal([a], SelectSandboxes(new() { Id = a[..13] }));
        Assert.Equal([b], SelectSandboxes(new() { State = new() { State = PodSandboxState.SandboxNotready } }));
        Assert.Equal([a], SelectSandboxes(new() { State = new() { State = PodSandboxState.SandboxReady } }));
        Assert.Equal([b], SelectSandboxes(new() { LabelSelector = { ["app"] = "b" } }));
        Assert.Empty(SelectSandboxes(new() { Id = a, LabelSelector = { ["app"] = "b" } }));
        Assert.Empty(SelectSandboxes(new() { Id = new string('0', 64) }));
        Assert.Empty(SelectSandboxes(new() { LabelSelector = { ["app"] = "a", ["tier"] = "x" } }));
    }

    [Fact]
    public async Task Containers_EveryCondition_MustHold()
    {
        string a = await _runtime.RunAsync(TestRuntime.SandboxRequest("a"));
        string b = await _runtime.RunAsync(TestRuntime.SandboxRequest("b"));
        string one = await _runtime.RunningAsync(a, "one");
        string two = await _runtime.CreateAsync(b, "two");
        Assert.Equal(new[] { one, two }.Order(), SelectContainers(null));
        Assert.Equal([one], SelectContainers(new ContainerFilter { PodSandboxId = a }));
        Assert.Equal([one], SelectContainers(new ContainerFilter { PodSandboxId = a[..10] }));
        Assert.Empty(SelectContainers(new ContainerFilter { PodSandboxId = "nope" }));
        Assert.Equal([two], SelectContainers(new ContainerFilter { State = new() { State = ContainerState.ContainerCreated } }));
        Assert.Equal([one], SelectContainers(new ContainerFilter { LabelSelector = { ["name"] = "one" } }));
        Assert.Equal([two], SelectContainers(new ContainerFilter { Id = two }));
        Assert.Empty(SelectContainers(new ContainerFilter { Id = two, PodSandboxId = a }));
    }

    public void Dispose() => _runtime.Dispose();

    private IEnumerable<string> SelectSandboxes(PodSandboxFilter? filter) =>
        Filters.Select(_runtime.Context.Sandboxes, filter).Select(record => record.Id).Order();

    private IEnumerable<string> SelectContainers(ContainerFilter? filter) =>
        Filters.Select(_runtime.Context.Containers, _runtime.Context.Sandboxes, filter).Select(record => record.Id).Order();
}
