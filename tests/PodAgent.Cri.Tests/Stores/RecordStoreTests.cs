using PodAgent.Cri.Stores;
using PodAgent.Cri.Tests.Fakes;
using PodAgent.Linux;

namespace PodAgent.Cri.Tests.Stores;

public sealed class RecordStoreTests : IDisposable
{
    private readonly TestRuntime _runtime = new();

    [Fact]
    public async Task Find_UniquePrefix_FindsIt()
    {
        string id = await _runtime.RunAsync();
        Assert.Equal(id, _runtime.Context.Sandboxes.Find(id[..12])?.Record.Id);
        Assert.Null(_runtime.Context.Sandboxes.Find(""));
        Assert.Null(_runtime.Context.Sandboxes.Find("x"));
    }

    [Fact]
    public async Task Find_AmbiguousPrefix_SaysSo()
    {
        var ids = new List<string>();
        for (int i = 0; i < 17; i++)
        {
            // 17 IDs over 16 first digits: two begin alike.
            ids.Add(await _runtime.RunAsync(TestRuntime.SandboxRequest($"p{i}")));
        }

        string common = ids.GroupBy(id => id[..1]).First(group => group.Count() > 1).Key;
        var failure = Assert.Throws<AgentException>(() => _runtime.Context.Sandboxes.Find(common));
        Assert.Equal($"several sandbox IDs begin with \"{common}\"", failure.Message);
    }

    [Fact]
    public void Get_Unknown_IsNotFound()
    {
        var failure = Assert.Throws<AgentException>(() => _runtime.Context.Containers.Get("nope"));
        Assert.Equal(ErrorKind.NotFound, failure.Kind);
        Assert.Equal("container \"nope\" does not exist", failure.Message);
    }

    [Fact]
    public async Task Update_ThatCannotBeWritten_DidNotHappen()
    {
        string id = await _runtime.RunAsync();
        SandboxEntry entry = _runtime.Context.Sandboxes.Get(id);
        Directory.Delete(_runtime.Context.Options.SandboxDirectory(id), recursive: true);
        Assert.ThrowsAny<IOException>(() => entry.Update(now => now with { PausePid = 1 }));
        Assert.Equal(999, entry.Record.PausePid);
    }

    [Fact]
    public async Task Update_AfterRemoval_WritesNothing()
    {
        string sandbox = await _runtime.RunAsync();
        string id = await _runtime.RunningAsync(sandbox);
        ContainerEntry entry = _runtime.Container(id);
        await _runtime.Remove.RemoveAsync(entry, CancellationToken.None);
        entry.Update(now => now with { Message = "late" });
        Assert.False(Directory.Exists(_runtime.Context.Options.ContainerDirectory(id)));
        Assert.Equal("", entry.Record.Message);
    }

    [Fact]
    public async Task Update_IllegalMove_Throws()
    {
        string sandbox = await _runtime.RunAsync();
        ContainerEntry entry = _runtime.Container(await _runtime.RunningAsync(sandbox));
        Assert.Throws<InvalidOperationException>(() => entry.Update(now => now with { StartedAt = 0 }));
    }

    public void Dispose() => _runtime.Dispose();
}
