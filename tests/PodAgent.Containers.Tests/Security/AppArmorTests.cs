using PodAgent.Containers.Security;
using PodAgent.Linux;

namespace PodAgent.Containers.Tests.Security;

public sealed class AppArmorTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("apparmor-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void RequireProfile_NoAppArmor_SaysSo()
    {
        AgentException e = Assert.Throws<AgentException>(() => new AppArmor(_directory, _directory + "/enabled").RequireProfile("p"));

        Assert.Equal(ErrorKind.FailedPrecondition, e.Kind);
        Assert.Equal("cannot use AppArmor profile \"p\": AppArmor is not enabled on this machine", e.Message);
    }

    [Fact]
    public void RequireProfile_SwitchedOff_SaysSo() =>
        Assert.Equal(ErrorKind.FailedPrecondition, Assert.Throws<AgentException>(() => Make("N\n").RequireProfile("cri-default")).Kind);

    [Theory]
    [InlineData("cri-default")]
    [InlineData("a (b)")]
    [InlineData("/usr/bin/x//null-y")]
    public void RequireProfile_Loaded_Passes(string profile) => Make("Y\n").RequireProfile(profile);

    [Theory]
    [InlineData("missing")]
    [InlineData("cri-default (enforce)")]
    [InlineData("a")]
    public void RequireProfile_NotLoaded_IsNotFound(string profile) =>
        Assert.Equal(ErrorKind.NotFound, Assert.Throws<AgentException>(() => Make("Y\n").RequireProfile(profile)).Kind);

    [Theory]
    [InlineData("")]
    [InlineData("a\nb")]
    public void RequireProfile_NotAName_IsRefused(string profile) =>
        Assert.Equal(ErrorKind.InvalidArgument, Assert.Throws<AgentException>(() => Make("Y\n").RequireProfile(profile)).Kind);

    private AppArmor Make(string enabled)
    {
        Directory.CreateDirectory(_directory + "/apparmor");
        File.WriteAllText(_directory + "/enabled", enabled);
        File.WriteAllText(_directory + "/apparmor/profiles", "cri-default (enforce)\na (b) (complain)\n/usr/bin/x//null-y (complain)\n");
        return new AppArmor(_directory, _directory + "/enabled");
    }
}
