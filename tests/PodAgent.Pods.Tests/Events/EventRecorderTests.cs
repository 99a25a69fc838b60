using PodAgent.Pods.Events;
using PodAgent.Pods.Service;
using PodAgent.Pods.Tests.Fakes;
using Make = PodAgent.Pods.Tests.Fakes.Pods;

namespace PodAgent.Pods.Tests.Events;

public sealed class EventRecorderTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("podagent-events-").FullName;
    private readonly ManualTimeProvider _time = new();

    private string FilePath => Path.Combine(_directory, "events");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Record_SameTwice_IsCounted()
    {
        EventRecorder events = new(_time, "node1");
        events.Record(Make.New(), "Warning", "BackOff", "again", "app");
        _time.Advance(TimeSpan.FromSeconds(10));
        events.Record(Make.New(), "Warning", "BackOff", "again", "app");
        events.Record(Make.New(), "Warning", "BackOff", "again", "other");

        IReadOnlyList<Core.Event> all = events.List("", "");

        Assert.Equal(2, all.Count);
        Assert.Equal(2, all[0].Count);
        Assert.Equal(10, all[0].LastTimestamp.Seconds - all[0].FirstTimestamp.Seconds);
        Assert.Equal("spec.containers{app}", all[0].InvolvedObject.FieldPath);
        Assert.Equal(("podagent", "node1"), (all[0].Source.Component, all[0].Source.Host));
    }

    [Fact]
    public void Record_MessageThatIsMuchTooLong_IsCut()
    {
        EventRecorder events = new(_time, "node1");
        events.Record(Make.New(), "Warning", "FailedPostStartHook", new string('x', 4095) + "\U0001F600" + new string('y', 1 << 20), "app");

        Assert.Equal(new string('x', 4095) + "...", Assert.Single(events.List("", "")).Message);
    }

    [Fact]
    public void Record_MoreThanFit_DropsTheOldest()
    {
        EventRecorder events = new(_time, "node1", null, capacity: 3);
        for (int i = 0; i < 5; i++)
        {
            events.Record(Make.New(), "Normal", "Pulled", $"{i}");
        }

        Assert.Equal(["2", "3", "4"], events.List("", "").Select(e => e.Message));
    }

    [Fact]
    public async Task Load_AfterRestart_GoesOnCounting()
    {
        await using (EventRecorder first = new(_time, "node1", new EventFile(FilePath)))
        {
            first.Record(Make.New(), "Normal", "Pulled", "x");
        }

        await using (EventRecorder second = new(_time, "node1", new EventFile(FilePath)))
        {
            second.Record(Make.New(), "Normal", "Pulled", "x");
        }

        Assert.Equal(2, new EventRecorder(_time, "node1", new EventFile(FilePath)).List("", "").Single().Count);
    }

    [Fact]
    public async Task Load_TornEnd_KeepsTheRestAndGoesOn()
    {
        await using (EventRecorder first = new(_time, "node1", new EventFile(FilePath)))
        {
            first.Record(Make.New(), "Normal", "One", "x");
            first.Record(Make.New(), "Normal", "Two", "x");
        }

        byte[] content = File.ReadAllBytes(FilePath);
        File.WriteAllBytes(FilePath, content[..^10]);

        await using (EventRecorder second = new(_time, "node1", new EventFile(FilePath)))
        {
            second.Record(Make.New(), "Normal", "Three", "x");
        }

        Assert.Equal(["One", "Three"], new EventRecorder(_time, "node1", new EventFile(FilePath)).List("", "").Select(e => e.Reason));
    }

    [Fact]
    public async Task Watch_ClientThatDoesNotRead_IsDropped()
    {
        WatchHub<int> hub = new();
        using WatchHub<int>.Subscription subscription = hub.Subscribe();
        for (int i = 0; i <= WatchHub<int>.Capacity; i++)
        {
            hub.Publish(i);
        }

        AgentException e = await Assert.ThrowsAsync<AgentException>(async () =>
        {
            await foreach (int _ in subscription.Changes.ReadAllAsync())
            {
            }
        });

        Assert.Equal(ErrorKind.ResourceExhausted, e.Kind);
    }
}
