using FsCheck;
using FsCheck.Fluent;
using PodAgent.Containers.Users;
using PodAgent.Linux;

namespace PodAgent.Containers.Tests.Users;

public sealed class UserLookupProperties : IDisposable
{
    private readonly RootfsFixture _rootfs = new();

    public void Dispose() => _rootfs.Dispose();

    [Fact]
    public void Resolve_AnyText_GivesNumbersInRangeOrRefuses()
    {
        Gen<string> user = Text("019:+- abx\n\0é;/", 12);
        Gen<string> file = Text("ab01:9,\n\r# x-", 60);

        Gen<(string, string, string)> inputs =
            from who in user
            from passwd in file
            from groups in file
            select (who, passwd, groups);
        Prop.ForAll(inputs.ToArbitrary(), input =>
        {
            (string who, string passwd, string group) = input;
            _rootfs.Passwd(passwd).Group(group);
            try
            {
                ResolvedUser resolved = UserLookup.Resolve(_rootfs.Root, who);
                Assert.InRange(resolved.Uid, 0U, UserId.Max);
                Assert.InRange(resolved.Gid, 0U, UserId.Max);
                Assert.All(resolved.AdditionalGroups, g => Assert.InRange(g, 0U, UserId.Max));

                // Root only for who asked for root: nothing wraps around to 0, and no name without an entry becomes 0.
                if (resolved.Uid == 0)
                {
                    string name = who.Split(':')[0];
                    Assert.True(name.All(c => c == '0') || passwd.Split('\n').Any(l => l.TrimStart().StartsWith(name + ":", StringComparison.Ordinal)));
                }
            }
            catch (AgentException e)
            {
                Assert.Equal(ErrorKind.InvalidArgument, e.Kind);
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Resolve_AnyNumber_IsItselfOrRefused()
    {
        Prop.ForAll(Gen.Choose(0, int.MaxValue).Select(n => (long)n * 3).ToArbitrary(), number =>
        {
            _rootfs.Passwd("").Group("");
            if (number <= UserId.Max)
            {
                Assert.Equal(number, UserLookup.Resolve(_rootfs.Root, $"{number}:{number}").Uid);
            }
            else
            {
                Assert.Throws<AgentException>(() => UserLookup.Resolve(_rootfs.Root, $"{number}"));
                Assert.Throws<AgentException>(() => UserLookup.Resolve(_rootfs.Root, $"0:{number}"));
            }
        }).QuickCheckThrowOnFailure();
    }

    private static Gen<string> Text(string letters, int length) =>
        Gen.Resize(Gen.Elements(letters.ToCharArray()).ArrayOf().Select(c => new string(c)), length);
}
