using PodAgent.Api.Cri;
using PodAgent.Cri.Containers.Specs;
using PodAgent.Cri.Tests.Fakes;
using PodAgent.Linux;
using Wire = PodAgent.Containers.Protocol;

namespace PodAgent.Cri.Tests.Containers.Specs;

/// <summary>Which AppArmor profile a container gets.</summary>
public sealed class PrivilegesTests
{
    [Theory]
    [InlineData(true, null, "", "podagent-default")]
    [InlineData(true, SecurityProfile.Types.ProfileType.RuntimeDefault, "", "podagent-default")]
    [InlineData(true, SecurityProfile.Types.ProfileType.Unconfined, "", "")]
    [InlineData(true, SecurityProfile.Types.ProfileType.Localhost, "localhost/strict", "strict")]
    [InlineData(true, SecurityProfile.Types.ProfileType.Localhost, "strict", "strict")]
    [InlineData(false, null, "", "")]
    [InlineData(false, SecurityProfile.Types.ProfileType.Unconfined, "", "")]
    public void Apply_AppArmorField_IsTheProfile(bool enabled, SecurityProfile.Types.ProfileType? type, string reference, string expected) =>
        Assert.Equal(expected, Profile(enabled, new LinuxContainerSecurityContext { Apparmor = type is { } t ? new SecurityProfile { ProfileType = t, LocalhostRef = reference } : null }));

    [Theory]
    [InlineData("", "podagent-default")]
    [InlineData("runtime/default", "podagent-default")]
    [InlineData("unconfined", "")]
    [InlineData("localhost/strict", "strict")]
    [InlineData("strict", "strict")]
    public void Apply_DeprecatedAppArmorField_MeansTheSame(string text, string expected) =>
        Assert.Equal(expected, Profile(true, new LinuxContainerSecurityContext { ApparmorProfile = text }));

    [Fact]
    public void Apply_BothAppArmorFields_TheMessageWins() => Assert.Equal(
        "strict",
        Profile(true, new LinuxContainerSecurityContext
        {
            ApparmorProfile = "unconfined",
            Apparmor = new SecurityProfile { ProfileType = SecurityProfile.Types.ProfileType.Localhost, LocalhostRef = "strict" },
        }));

    [Theory]
    [InlineData("", "")]
    [InlineData("runtime/default", "")]
    [InlineData("localhost/strict", "strict")]
    public void Apply_Privileged_KeepsOnlyANamedProfile(string text, string expected) =>
        Assert.Equal(expected, Profile(true, new LinuxContainerSecurityContext { Privileged = true, ApparmorProfile = text }));

    [Fact]
    public void Apply_DefaultAskedForWithoutAppArmor_IsRefused() => Assert.Equal(
        ErrorKind.FailedPrecondition,
        Assert.Throws<AgentException>(() => Profile(false, new LinuxContainerSecurityContext { Apparmor = new SecurityProfile { ProfileType = SecurityProfile.Types.ProfileType.RuntimeDefault } })).Kind);

    [Fact]
    public void Apply_LocalhostWithoutName_IsRefused() => Assert.Equal(
        ErrorKind.InvalidArgument,
        Assert.Throws<AgentException>(() => Profile(true, new LinuxContainerSecurityContext { Apparmor = new SecurityProfile { ProfileType = SecurityProfile.Types.ProfileType.Localhost } })).Kind);

    [Fact]
    public void Apply_NoSecurityContext_GetsTheDefault() => Assert.Equal("podagent-default", Profile(true, null));

    private static string Profile(bool enabled, LinuxContainerSecurityContext? security)
    {
        var process = new Wire.ProcessSpec();
        Privileges.Apply(process, security, new FakeMachine { AppArmor = enabled });
        return process.ApparmorProfile;
    }
}
