using PodAgent.Pods.Actions;
using PodAgent.Pods.Tests.Fakes;

namespace PodAgent.Pods.Tests.Actions;

public class BackOffTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void Delay_NeverFailed_IsNone() => Assert.Null(new BackOff(_time).Delay("a", _time.GetUtcNow()));

    [Fact]
    public void Delay_FailureAfterFailure_DoublesUpToTheMaximum()
    {
        BackOff backOff = new(_time);
        List<double> delays = [];
        for (int i = 0; i < 7; i++)
        {
            backOff.Next("a", _time.GetUtcNow());
            TimeSpan delay = backOff.Delay("a", _time.GetUtcNow())!.Value;
            delays.Add(delay.TotalSeconds);
            _time.Advance(delay);
            Assert.Null(backOff.Delay("a", _time.GetUtcNow() - delay));
        }

        Assert.Equal([10, 20, 40, 80, 160, 300, 300], delays);
    }

    [Fact]
    public void Delay_CountsFromTheFailureNotFromTheRetry()
    {
        BackOff backOff = new(_time);
        backOff.Next("a", _time.GetUtcNow());
        DateTimeOffset failed = _time.GetUtcNow();

        _time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.NotNull(backOff.Delay("a", failed));
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Null(backOff.Delay("a", failed));
    }

    [Fact]
    public void Next_AfterMoreThanTenMinutesOfLife_BeginsAnew()
    {
        BackOff backOff = new(_time);
        for (int i = 0; i < 4; i++)
        {
            backOff.Next("a", _time.GetUtcNow());
        }

        _time.Advance(TimeSpan.FromSeconds(600));
        Assert.Equal(80, backOff.Delay("a", _time.GetUtcNow())!.Value.TotalSeconds);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(backOff.Delay("a", _time.GetUtcNow()));
        backOff.Next("a", _time.GetUtcNow());
        Assert.Equal(10, backOff.Delay("a", _time.GetUtcNow())!.Value.TotalSeconds);
    }

    [Theory]
    [InlineData(1, 10)]
    [InlineData(3, 40)]
    [InlineData(6, 300)]
    [InlineData(1000, 300)]
    public void Restore_OfAnEarlierAgentsRetries_GoesOnWithTheirDelay(int retries, int seconds)
    {
        DateTimeOffset last = _time.GetUtcNow();
        _time.Advance(TimeSpan.FromSeconds(1));
        BackOff backOff = new(_time);

        backOff.Restore("a", retries, last);

        Assert.Equal(seconds, backOff.Delay("a", _time.GetUtcNow())!.Value.TotalSeconds);
        backOff.Next("a", _time.GetUtcNow());
        Assert.Equal(Math.Min(2 * seconds, 300), backOff.Delay("a", _time.GetUtcNow())!.Value.TotalSeconds);
    }

    [Fact]
    public void Restore_WithoutRetriesOrLongAgoOrOfThisAgent_ChangesNothing()
    {
        DateTimeOffset before = _time.GetUtcNow();
        _time.Advance(TimeSpan.FromSeconds(601));
        BackOff backOff = new(_time);
        DateTimeOffset now = _time.GetUtcNow();

        backOff.Restore("never retried", 0, now - TimeSpan.FromSeconds(1));
        backOff.Restore("lived long", 5, before);
        backOff.Restore("ours", 5, now);
        backOff.Next("known", now);
        backOff.Restore("known", 5, now - TimeSpan.FromSeconds(1));

        Assert.Null(backOff.Delay("never retried", now));
        Assert.Null(backOff.Delay("lived long", now));
        Assert.Null(backOff.Delay("ours", now));
        Assert.Equal(10, backOff.Delay("known", now)!.Value.TotalSeconds);
    }

    [Fact]
    public void BackOffKey_OtherImageOrResources_IsAnotherKey()
    {
        Core.Pod pod = Fakes.Pods.New();
        string key = ContainerHash.BackOffKey(pod, pod.Spec.Containers[0]);
        Core.Container image = pod.Spec.Containers[0].Clone();
        image.Image = "app:2";
        Core.Container resources = pod.Spec.Containers[0].Clone();
        resources.Resources = new Core.ResourceRequirements();
        resources.Resources.Limits["memory"] = new PodAgent.Api.Resource.Quantity { String = "1Gi" };

        Assert.NotEqual(key, ContainerHash.BackOffKey(pod, image));
        Assert.NotEqual(key, ContainerHash.BackOffKey(pod, resources));
        Assert.Equal(key, ContainerHash.BackOffKey(pod, pod.Spec.Containers[0].Clone()));
    }
}
