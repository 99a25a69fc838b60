using PodAgent.Api.Cri;
using PodAgent.Cri.Containers.Specs;
using PodAgent.Cri.Tests.Fakes;
using PodAgent.Linux;

namespace PodAgent.Cri.Tests.Containers.Specs;

public sealed class ProcessIdentityTests
{
    [Fact]
    public void Resolve_Merge_AddsTheImagesGroupsBehindThePrimaryOne()
    {
        ProcessIdentity identity = Resolve(new() { RunAsUser = new Int64Value { Value = 1000 }, SupplementalGroups = { 1234 } });
        Assert.Equal([1000u, 1234u, 50000u], identity.Groups);
        Assert.Equal("default-user", identity.User.Name);
    }

    [Fact]
    public void Resolve_Strict_LeavesTheImagesGroupsOut() => Assert.Equal(
        [1000u, 1234u],
        Resolve(new()
        {
            RunAsUser = new Int64Value { Value = 1000 },
            SupplementalGroups = { 1234 },
            SupplementalGroupsPolicy = SupplementalGroupsPolicy.Strict,
        }).Groups);

    [Theory]
    [InlineData(null, null, null, "img:grp", "img:grp")]
    [InlineData(1000L, null, null, "img:grp", "1000")]
    [InlineData(1000L, null, 1002L, "img", "1000:1002")]
    [InlineData(null, "nobody", null, "img", "nobody")]
    [InlineData(null, "nobody", 7L, "img", "nobody:7")]
    [InlineData(0L, "nobody", null, "img", "0")]
    public void UserString_Source_SecurityContextWins(long? uid, string? name, long? gid, string image, string expected) =>
        Assert.Equal(expected, ProcessIdentity.UserString(Security(uid, name, gid), image));

    [Fact]
    public void UserString_GroupWithoutUser_IsRefused() =>
        Assert.Equal(ErrorKind.InvalidArgument, Assert.Throws<AgentException>(() => ProcessIdentity.UserString(Security(null, null, 5), "img")).Kind);

    [Theory]
    [InlineData(-1L)]
    [InlineData(2147483648L)]
    [InlineData(4294967296L)]
    public void UserString_NumberThatWouldWrap_IsRefused(long uid) =>
        Assert.Throws<AgentException>(() => ProcessIdentity.UserString(Security(uid, null, null), ""));

    private static ProcessIdentity Resolve(LinuxContainerSecurityContext security) =>
        ProcessIdentity.Resolve(new FakeMachine(), new Fd(), security, "");

    private static LinuxContainerSecurityContext Security(long? uid, string? name, long? gid) => new()
    {
        RunAsUser = uid is null ? null : new Int64Value { Value = uid.Value },
        RunAsUsername = name ?? "",
        RunAsGroup = gid is null ? null : new Int64Value { Value = gid.Value },
    };
}
