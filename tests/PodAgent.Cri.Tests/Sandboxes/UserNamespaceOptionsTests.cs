using PodAgent.Api.Cri;
using PodAgent.Cri.Sandboxes;
using PodAgent.Linux.Processes;

namespace PodAgent.Cri.Tests.Sandboxes;

public sealed class UserNamespaceOptionsTests
{
    [Fact]
    public void Problems_OneRangeThatBeginsWithRoot_IsFine()
    {
        NamespaceOption options = Options(NamespaceMode.Pod, Range(0, 1000, 100000));
        Assert.Empty(UserNamespaceOptions.Problems(options, "f"));
        Assert.Equal(new IdMapping(new IdRange(0, 1000, 100000), new IdRange(0, 1000, 100000)), UserNamespaceOptions.MappingOf(options));
        Assert.Equal((1000u, 1005u, IdRange.Overflow), (
            UserNamespaceOptions.MappingOf(options)!.RootUser,
            UserNamespaceOptions.MappingOf(options)!.Users.ToOutside(5),
            UserNamespaceOptions.MappingOf(options)!.Users.ToOutside(100000)));
    }

    [Fact]
    public void Problems_None_MeansTheHostsUsers()
    {
        Assert.Empty(UserNamespaceOptions.Problems(new NamespaceOption(), "f"));
        Assert.Empty(UserNamespaceOptions.Problems(Options(NamespaceMode.Node), "f"));
        Assert.Null(UserNamespaceOptions.MappingOf(Options(NamespaceMode.Node)));
    }

    public static TheoryData<NamespaceOption> Refused =>
    [
        Options(NamespaceMode.Pod),
        Options(NamespaceMode.Pod, Range(0, 1000, 10), Range(10, 5000, 10)),
        Options(NamespaceMode.Pod, Range(1, 1000, 10)),
        Options(NamespaceMode.Pod, Range(0, 1000, 0)),
        Options(NamespaceMode.Pod, Range(0, uint.MaxValue, 2)),
        Options(NamespaceMode.Container, Range(0, 1000, 10)),
        Options(NamespaceMode.Target),
        Options(NamespaceMode.Node, Range(0, 1000, 10)),
        Options((NamespaceMode)9),
    ];

    [Theory]
    [MemberData(nameof(Refused))]
    public void Problems_Others_AreNamed(NamespaceOption options)
    {
        string[] problems = [.. UserNamespaceOptions.Problems(options, "f")];
        Assert.NotEmpty(problems);
        Assert.All(problems, problem => Assert.StartsWith("f.userns_options", problem, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true, false, "f.pid")]
    [InlineData(false, true, "f.ipc")]
    public void Problems_NodesProcessesOrIpc_AreRefusedBesideAUserNamespace(bool pid, bool ipc, string field)
    {
        NamespaceOption options = Options(NamespaceMode.Pod, Range(0, 1000, 10));
        options.Pid = pid ? NamespaceMode.Node : NamespaceMode.Pod;
        options.Ipc = ipc ? NamespaceMode.Node : NamespaceMode.Pod;
        Assert.StartsWith(field, Assert.Single(UserNamespaceOptions.Problems(options, "f")), StringComparison.Ordinal);
    }

    [Fact]
    public void Agree_Container_SaysNothingOrTheSame()
    {
        NamespaceOption sandbox = Options(NamespaceMode.Pod, Range(0, 1000, 10));
        Assert.True(UserNamespaceOptions.Agree(null, sandbox));
        Assert.True(UserNamespaceOptions.Agree(new NamespaceOption(), sandbox));
        Assert.True(UserNamespaceOptions.Agree(sandbox.Clone(), sandbox));
        Assert.False(UserNamespaceOptions.Agree(Options(NamespaceMode.Node), sandbox));
        Assert.False(UserNamespaceOptions.Agree(sandbox, new NamespaceOption()));
        Assert.True(UserNamespaceOptions.Agree(Options(NamespaceMode.Node), new NamespaceOption()));
    }

    private static IDMapping Range(uint inside, uint outside, uint length) => new() { ContainerId = inside, HostId = outside, Length = length };

    private static NamespaceOption Options(NamespaceMode mode, params IDMapping[] ranges) =>
        new() { UsernsOptions = new UserNamespace { Mode = mode, Uids = { ranges }, Gids = { ranges } } };
}
