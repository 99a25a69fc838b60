using Microsoft.Extensions.Logging.Abstractions;
using PodAgent.Cri.Adapters;
using PodAgent.Linux;
using PodAgent.Network;

namespace PodAgent.Cri.Tests.Adapters;

public sealed class PodSubnetTests
{
    [Theory]
    [InlineData("10.244.3.0/24", "10.244.3.0/24")]
    [InlineData("fd00::/64,10.244.3.0/24", "10.244.3.0/24")]
    public void Choose_List_TakesTheFamilyOfTheBridge(string ranges, string expected) => Assert.Equal(expected, PodSubnet.Choose(ranges).ToString());

    [Theory]
    [InlineData("nonsense")]
    [InlineData("10.244.3.0/24,")]
    [InlineData("fd00::/64")]
    [InlineData("10.0.0.1/32")]
    public void Choose_Unusable_IsInvalid(string ranges) =>
        Assert.Equal(ErrorKind.InvalidArgument, Assert.Throws<AgentException>(() => PodSubnet.Choose(ranges)).Kind);

    [Fact]
    public void Note_Range_IsRestoredUnlessDamaged()
    {
        string directory = Directory.CreateTempSubdirectory("podagent-subnet-").FullName;
        try
        {
            var configured = new BridgeNetworkOptions { StateDirectory = directory };
            Assert.Equal(configured, PodSubnet.Restore(configured, NullLogger.Instance));
            PodSubnet.Note(configured, PodSubnet.Choose("10.9.0.0/24"));
            Assert.Equal("10.9.0.0/24", PodSubnet.Restore(configured, NullLogger.Instance).Subnet.ToString());
            File.WriteAllText(Path.Combine(directory, "pod-cidr"), "torn");
            Assert.Equal(configured, PodSubnet.Restore(configured, NullLogger.Instance));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
