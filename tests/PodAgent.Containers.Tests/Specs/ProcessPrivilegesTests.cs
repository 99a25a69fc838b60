using PodAgent.Containers.Protocol;
using PodAgent.Containers.Security;
using PodAgent.Containers.Specs;

namespace PodAgent.Containers.Tests.Specs;

public class ProcessPrivilegesTests
{
    private static readonly ProcessPrivileges s_full = new(CapabilitySet.All, 0);
    private static readonly ProcessPrivileges s_limited = new(CapabilitySet.All.Drop("SYS_RESOURCE", "MKNOD"), -500);

    [Fact]
    public void Resolve_NothingAsked_IsTheDefault()
    {
        Capabilities capabilities = s_full.Resolve(new CapabilityRequest());

        Assert.Equal(CapabilitySet.Default.Bits, capabilities.Bounding);
        Assert.Equal(capabilities.Bounding, capabilities.Permitted);
        Assert.Equal(capabilities.Bounding, capabilities.Effective);
        Assert.Equal(0UL, capabilities.Ambient);
    }

    [Fact]
    public void Resolve_WhatTheAgentLacks_IsNotHandedOn()
    {
        Assert.Equal(CapabilitySet.Default.Drop("MKNOD").Bits, s_limited.Resolve(new CapabilityRequest()).Bounding);
        Assert.Equal(s_limited.Available.Bits, s_limited.Resolve(new CapabilityRequest { Privileged = true, Drop = ["ALL"] }).Effective);
    }

    [Fact]
    public void Resolve_Ambient_IsInAllSets()
    {
        Capabilities capabilities = s_full.Resolve(new CapabilityRequest { Drop = ["ALL"], AddAmbient = ["NET_BIND_SERVICE"] });

        Assert.Equal(1UL << 10, capabilities.Ambient);
        Assert.Equal(1UL << 10, capabilities.Bounding);
    }

    [Theory]
    [InlineData(-998, -998)]
    [InlineData(5000, 1000)]
    [InlineData(-5000, -1000)]
    public void ClampOomScore_WithSysResource_OnlyTheRange(long requested, int score) => Assert.Equal(score, s_full.ClampOomScore(requested));

    [Theory]
    [InlineData(-998, -500)]
    [InlineData(-500, -500)]
    [InlineData(3, 3)]
    public void ClampOomScore_WithoutSysResource_NotBelowItsOwn(long requested, int score) => Assert.Equal(score, s_limited.ClampOomScore(requested));

    [Fact]
    public void Read_ThisProcess_HasWhatProcSays()
    {
        ProcessPrivileges privileges = ProcessPrivileges.Read();

        Assert.Equal(int.Parse(File.ReadAllText("/proc/self/oom_score_adj"), System.Globalization.CultureInfo.InvariantCulture), privileges.OomScoreAdj);
        Assert.Contains($"CapPrm:\t{privileges.Available.Bits:x16}\n", File.ReadAllText("/proc/self/status"), StringComparison.Ordinal);
    }
}
