using PodAgent.Cli.Commands;

namespace PodAgent.Cli.Tests.Commands;

public class ImagesCommandTests
{
    [Theory]
    [InlineData(0, "0B")]
    [InlineData(999, "999B")]
    [InlineData(1000, "1kB")]
    [InlineData(2_345_678, "2.35MB")]
    [InlineData(77_000_000, "77MB")]
    [InlineData(1_500_000_000, "1.5GB")]
    public void Size_OfBytes_IsInDecimalUnits(ulong bytes, string expected) => Assert.Equal(expected, ImagesCommand.Size(bytes));
}
