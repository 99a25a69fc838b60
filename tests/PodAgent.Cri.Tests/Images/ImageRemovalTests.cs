using PodAgent.Api.V1;
using PodAgent.Cri.Images;
using PodAgent.Cri.Tests.Fakes;
using PodAgent.Linux;

namespace PodAgent.Cri.Tests.Images;

public sealed class ImageRemovalTests : IDisposable
{
    private readonly TestRuntime _runtime = new();
    private readonly ImageRemoval _removal;

    public ImageRemovalTests() => _removal = new ImageRemoval(_runtime.Context);

    public void Dispose() => _runtime.Dispose();

    [Fact]
    public async Task Untag_ImageOfAContainer_IsRefusedUnlessForced()
    {
        string container = await _runtime.CreateAsync(await _runtime.RunAsync());

        var refusal = await Assert.ThrowsAsync<AgentException>(() => _removal.UntagAsync(TestRuntime.Busybox, force: false, CancellationToken.None));
        int kept = _runtime.Machine.Images.Count;
        UntagImageResponse forced = await _removal.UntagAsync(TestRuntime.Busybox, force: true, CancellationToken.None);

        Assert.Equal(ErrorKind.FailedPrecondition, refusal.Kind);
        Assert.Equal(
            $"image \"{TestRuntime.Busybox}\" is in use by container \"main\" ({container[..13]}) of pod \"default/pod\"; --force removes it all the same", refusal.Message);
        Assert.Equal(1, kept);
        Assert.Equal(TestRuntime.Busybox, Assert.Single(forced.Untagged));
        Assert.Empty(_runtime.Machine.Images);
    }

    [Fact]
    public async Task Prune_All_LeavesPinnedAndUsedOnes()
    {
        await _runtime.CreateAsync(await _runtime.RunAsync());
        _runtime.Machine.Images.Add(FakeMachine.Image("sha256:unused", "unused:1", new()));
        _runtime.Machine.Images.Add(FakeMachine.Image("sha256:pinned", "pinned:1", new()) with { Pinned = true });

        PruneImagesResponse withoutNames = await _removal.PruneAsync(all: false, CancellationToken.None);
        PruneImagesResponse all = await _removal.PruneAsync(all: true, CancellationToken.None);

        Assert.Empty(withoutNames.Removed);
        Assert.Equal("sha256:unused", Assert.Single(all.Removed).DeletedId);
        Assert.Equal(2, _runtime.Machine.Images.Count);
    }
}
