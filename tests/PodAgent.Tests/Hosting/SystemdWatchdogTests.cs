using System.Globalization;
using PodAgent.Hosting;

namespace PodAgent.Tests.Hosting;

public sealed class SystemdWatchdogTests
{
    [Fact]
    public void Start_Asked_SendsASignAtHalfTheInterval()
    {
        var time = new OneTimer();
        var sent = new List<string>();

        using (SystemdWatchdog.Start("60000000", Environment.ProcessId.ToString(CultureInfo.InvariantCulture), time, sent.Add))
        {
            Assert.Equal(TimeSpan.FromSeconds(30), time.Period);
            Assert.Empty(sent);
            time.Fire();
            time.Fire();
        }

        Assert.Equal(["WATCHDOG=1", "WATCHDOG=1"], sent);
        Assert.True(time.Stopped);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("", "")]
    [InlineData("0", "")]
    [InlineData("soon", "")]
    [InlineData("60000000", "1")]
    public void Start_NotAskedOrMeantForAnother_DoesNothing(string? interval, string? processId) =>
        Assert.Null(SystemdWatchdog.Start(interval, processId, new OneTimer(), _ => { }));

    private sealed class OneTimer : TimeProvider, ITimer
    {
        private TimerCallback? _callback;

        public TimeSpan Period { get; private set; }

        public bool Stopped { get; private set; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Assert.Equal(dueTime, period);
            (_callback, Period) = (callback, period);
            return this;
        }

        public void Fire() => _callback!(null);

        public bool Change(TimeSpan dueTime, TimeSpan period) => throw new NotSupportedException();

        public void Dispose() => Stopped = true;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
