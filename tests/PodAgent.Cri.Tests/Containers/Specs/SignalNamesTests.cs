using PodAgent.Api.Cri;
using PodAgent.Cri.Containers.Specs;

namespace PodAgent.Cri.Tests.Containers.Specs;

public sealed class SignalNamesTests
{
    [Theory]
    [InlineData("SIGTERM", 15)]
    [InlineData("term", 15)]
    [InlineData("9", 9)]
    [InlineData("SIGUSR1", 10)]
    [InlineData("SIGRTMIN", 34)]
    [InlineData("SIGRTMIN+3", 37)]
    [InlineData("RTMAX-1", 63)]
    [InlineData("SIGRTMAX", 64)]
    public void TryParse_Name_IsItsNumber(string text, int expected)
    {
        Assert.True(SignalNames.TryParse(text, out int number));
        Assert.Equal(expected, number);
    }

    [Theory]
    [InlineData("")]
    [InlineData("SIG")]
    [InlineData("65")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("SIGRTMIN+31")]
    [InlineData("SIGNOPE")]
    public void TryParse_Other_IsRefused(string text) => Assert.False(SignalNames.TryParse(text, out _));

    // The published names (runtime.v1 Signal), by value.
    [Theory]
    [InlineData(1, 6)]
    [InlineData(2, 14)]
    [InlineData(4, 17)]
    [InlineData(5, 17)]
    [InlineData(8, 1)]
    [InlineData(13, 9)]
    [InlineData(15, 29)]
    [InlineData(17, 30)]
    [InlineData(20, 16)]
    [InlineData(23, 15)]
    [InlineData(29, 10)]
    [InlineData(30, 12)]
    [InlineData(34, 25)]
    [InlineData(35, 34)]
    [InlineData(36, 35)]
    [InlineData(50, 49)]
    [InlineData(51, 50)]
    [InlineData(64, 63)]
    [InlineData(65, 64)]
    public void Number_PublishedValue_IsTheKernelsNumber(int value, int expected) =>
        Assert.Equal(expected, SignalNames.Number((Signal)value));

    [Fact]
    public void Number_EveryValue_IsKnown()
    {
        foreach (Signal signal in Enum.GetValues<Signal>())
        {
            Assert.InRange(SignalNames.Number(signal), 1, 64);
        }
    }

    [Theory]
    [InlineData(0, "", 15)]
    [InlineData(0, "SIGQUIT", 3)]
    [InlineData(0, "garbage", 15)]
    [InlineData(29, "SIGQUIT", 10)]
    public void StopSignal_ConfigurationThenImageThenTerm(int configured, string image, int expected) =>
        Assert.Equal(expected, SignalNames.StopSignal((Signal)configured, image));

    [Fact]
    public void Of_EveryNumber_IsTheValueThatMeansIt()
    {
        foreach (int number in Enumerable.Range(1, 31).Concat(Enumerable.Range(34, 31)))
        {
            Assert.Equal(number, SignalNames.Number(SignalNames.Of(number)));
        }

        Assert.Equal(Signal.RuntimeDefault, SignalNames.Of(32));
    }
}
