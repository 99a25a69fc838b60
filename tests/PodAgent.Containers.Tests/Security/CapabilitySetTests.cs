using PodAgent.Containers.Security;
using PodAgent.Linux;

namespace PodAgent.Containers.Tests.Security;

public class CapabilitySetTests
{
    [Fact]
    public void Default_Bits_AreTheKnownFourteen()
    {
        // The value that /proc/1/status shows in a container of Docker or containerd.
        Assert.Equal(0xA80425FBUL, CapabilitySet.Default.Bits);
        Assert.Equal(14, CapabilitySet.Default.Count);
    }

    [Theory]
    [InlineData("CAP_NET_ADMIN")]
    [InlineData("NET_ADMIN")]
    [InlineData("net_admin")]
    [InlineData("cap_net_admin")]
    public void Parse_AnySpelling_IsTheSame(string name) => Assert.Equal(1UL << 12, CapabilitySet.Parse([name]).Bits);

    [Fact]
    public void Parse_UnknownNames_AreAllNamed()
    {
        AgentException e = Assert.Throws<AgentException>(() => CapabilitySet.Parse(["CHOWN", "FLY", "CAP_", "SWIM"]));

        Assert.Equal("unknown capabilities \"FLY\", \"CAP_\", \"SWIM\"", e.Message);
        Assert.Equal(ErrorKind.InvalidArgument, e.Kind);
    }

    [Fact]
    public void Names_EveryCapability_ParsesBack()
    {
        for (int number = 0; number <= 40; number++)
        {
            Assert.Equal(number, CapabilityNames.Parse(CapabilityNames.Name(number)));
        }

        Assert.Equal("CAP_CHECKPOINT_RESTORE", CapabilityNames.Name(40));
        Assert.Equal("CAP_SYS_ADMIN", CapabilityNames.Name(21));
        Assert.Equal("CAP_SETFCAP", CapabilityNames.Name(31));
    }

    [Fact]
    public void All_RunningKernel_ReachesItsLastCapability()
    {
        int last = int.Parse(File.ReadAllText("/proc/sys/kernel/cap_last_cap"), System.Globalization.CultureInfo.InvariantCulture);

        Assert.Equal(last + 1, CapabilitySet.All.Count);
    }

    public static TheoryData<string[], string[], string> Contexts => new()
    {
        { [], ["ALL"], "none" },
        { ["CHOWN"], ["all"], "CAP_CHOWN" },
        { ["CHOWN", "KILL"], ["ALL", "KILL"], "CAP_CHOWN" },
        { ["NET_ADMIN"], ["NET_ADMIN"], CapabilitySet.Default.ToString() },
        { [], [], CapabilitySet.Default.ToString() },
        { ["ALL"], ["SYS_ADMIN"], CapabilitySet.All.Drop("SYS_ADMIN").ToString() },
        { ["ALL"], ["ALL"], "none" },
    };

    [Theory]
    [MemberData(nameof(Contexts))]
    public void Apply_AddAndDrop_AllFirstThenNames(string[] add, string[] drop, string expected) =>
        Assert.Equal(expected, CapabilitySet.Default.Apply(add, drop).ToString());

    [Fact]
    public void Apply_UnknownInBothLists_NamesBoth() =>
        Assert.Equal("unknown capabilities \"A\", \"B\"", Assert.Throws<AgentException>(() => CapabilitySet.Default.Apply(["A"], ["B"])).Message);
}
