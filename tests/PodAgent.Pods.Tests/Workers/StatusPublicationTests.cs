using System.Collections.Concurrent;
using PodAgent.Pods.Tests.Fakes;
using PodAgent.Pods.Workers;

namespace PodAgent.Pods.Tests.Workers;

public sealed class StatusPublicationTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly ConcurrentQueue<string> _published = [];
    private readonly StatusPublication _publication;

    public StatusPublicationTests() => _publication = new StatusPublication(_time, status => _published.Enqueue(status.Phase));

    public void Dispose() => _publication.Dispose();

    [Fact]
    public void Soon_AnotherFollowsAtOnce_OnlyThatOneIsPublished()
    {
        _publication.Soon(Status("a"));
        _publication.Soon(Status("b"));
        _publication.Now(Status("c"));
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(["c"], _published);
    }

    [Fact]
    public async Task Soon_NothingFollows_IsPublishedAfterAMoment()
    {
        _publication.Soon(Status("a"));
        Assert.Empty(_published);
        _time.Advance(TimeSpan.FromMilliseconds(30));
        await Eventually.TrueAsync(() => _published.Count == 1);
        _publication.Soon(Status("b"));
        _time.Advance(TimeSpan.FromMilliseconds(30));
        await Eventually.TrueAsync(() => _published.Count == 2);

        Assert.Equal(["a", "b"], _published);
    }

    [Fact]
    public void PublishHeld_Publishes_OnlyWhatIsHeld()
    {
        _publication.PublishHeld();
        _publication.Soon(Status("a"));
        _publication.PublishHeld();
        _publication.PublishHeld();

        Assert.Equal(["a"], _published);
    }

    private static Core.PodStatus Status(string phase) => new() { Phase = phase };
}
