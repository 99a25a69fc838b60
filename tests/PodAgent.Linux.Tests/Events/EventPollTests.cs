using PodAgent.Linux.Events;
using PodAgent.Linux.Files;

namespace PodAgent.Linux.Tests.Events;

public sealed class EventPollTests
{
    [Fact]
    public void Wait_PipeWithData_ReportsItsTokenUntilRemoved()
    {
        using var poll = new EventPoll();
        (Fd read, Fd write) = FileData.MakePipe();
        using (read)
        using (write)
        {
            poll.Add(read, EventKinds.Readable, 0xFEDCBA9876543210);
            Assert.Equal(0, poll.Wait(0));
            _ = FileData.TryWrite(write, "x"u8, out _);

            Assert.Equal(1, poll.Wait(1000));
            Assert.Equal((0xFEDCBA9876543210, EventKinds.Readable), poll.At(0));

            poll.Remove(read);
            Assert.Equal(0, poll.Wait(0));
        }
    }

    [Fact]
    public void EventCounter_Signals_AreTakenAtOnce()
    {
        using Fd counter = EventCounter.Open();
        Assert.Equal(0UL, EventCounter.Take(counter));

        EventCounter.Signal(counter);
        EventCounter.Signal(counter);

        Assert.Equal(2UL, EventCounter.Take(counter));
        Assert.Equal(0UL, EventCounter.Take(counter));
    }
}
