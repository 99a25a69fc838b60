using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using PodAgent.Linux.Files;
using PodAgent.Pods.Images;
using PodAgent.Pods.Tests.Fakes;
using PodAgent.Rpc.InProcess;
using PodAgent.Rpc.Server;

namespace PodAgent.Pods.Tests.Images;

public sealed class ImageCollectorTests
{
    private const ulong Size = 1000;
    private readonly ManualTimeProvider _time = new(DateTimeOffset.UnixEpoch);
    private readonly ContainerList _runtime = new();
    private readonly FakeImages _images = new();
    private readonly ImageCollector _collector;
    private ulong _full;

    public ImageCollectorTests()
    {
        RpcServiceRegistry services = new();
        services.Add(Cri.RuntimeService.BindService(_runtime));
        services.Add(Cri.ImageService.BindService(_images));
        InProcessCallInvoker cri = new(services, new RpcServerOptions(), cloneMessages: true);

        // Each image counts ten percent.
        _collector = new ImageCollector(
            new Cri.RuntimeService.RuntimeServiceClient(cri), new Cri.ImageService.ImageServiceClient(cri), new ImageCollectionOptions(), _time, NullLogger.Instance,
            _ => new FileSystemUsage(Size, 0, Size - _full - ((ulong)_images.Present.Count * 100), 0, 0));
    }

    [Fact]
    public async Task Collect_BelowTheThreshold_RemovesNothing()
    {
        Add("a", "b", "c");
        _full = 540;
        await RoundsAsync(2);

        Assert.Equal(["a", "b", "c"], Left());
    }

    [Fact]
    public async Task Collect_AboveTheThreshold_RemovesTheLongestUnusedDownToTheLowerOne()
    {
        Add("old", "used", "recent");
        _runtime.Images = ["recent", "used"];
        await RoundsAsync(1);
        _runtime.Images = ["used"];
        _full = 640;
        await RoundsAsync(1);

        // 94 % in use, then 84 %, then 74 %: the lower threshold is 80 %.
        Assert.Equal(["used"], Left());
    }

    [Fact]
    public async Task Collect_OneIsEnough_KeepsTheMoreRecentlyUsed()
    {
        Add("old", "recent");
        _runtime.Images = ["recent"];
        await RoundsAsync(1);
        _runtime.Images = [];
        _full = 670;
        await RoundsAsync(1);

        Assert.Equal(["recent"], Left());
    }

    [Fact]
    public async Task Collect_PinnedAndNew_Stay()
    {
        Add("pinned");
        _images.Present["pinned"].Pinned = true;
        await RoundsAsync(1);
        Add("new");
        _full = 790;
        await _collector.CollectAsync(CancellationToken.None);

        Assert.Equal(["new", "pinned"], Left());

        await RoundsAsync(1);

        Assert.Equal(["pinned"], Left());
    }

    private async Task RoundsAsync(int count)
    {
        for (int i = 0; i < count; i++)
        {
            await _collector.CollectAsync(CancellationToken.None);
            _time.Advance(TimeSpan.FromMinutes(5));
            await _collector.CollectAsync(CancellationToken.None);
        }
    }

    private void Add(params string[] names)
    {
        foreach (string name in names)
        {
            _images.Add(name);
        }
    }

    private string[] Left() => [.. _images.Present.Keys.Order(StringComparer.Ordinal)];

    private sealed class ContainerList : Cri.RuntimeService.RuntimeServiceBase
    {
        public string[] Images { get; set; } = [];

        public override Task<Cri.ListContainersResponse> ListContainers(Cri.ListContainersRequest request, ServerCallContext context) => Task.FromResult(
            new Cri.ListContainersResponse { Containers = { Images.Select(name => new Cri.Container { Id = name, Image = new Cri.ImageSpec { Image = name } }) } });
    }
}
