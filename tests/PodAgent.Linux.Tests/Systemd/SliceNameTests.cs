using PodAgent.Linux.Systemd;

namespace PodAgent.Linux.Tests.Systemd;

public sealed class SliceNameTests
{
    [Theory]
    [InlineData("a.slice", "a.slice")]
    [InlineData("/a.slice", "a.slice")]
    [InlineData("a-b.slice", "a.slice/a-b.slice")]
    [InlineData("kubepods-burstable-pod0_1.slice", "kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0_1.slice")]
    [InlineData("/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0_1.slice", "kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0_1.slice")]
    [InlineData("a\\x2fb.slice", "a\\x2fb.slice")]
    [InlineData("a.b@c:d.slice", "a.b@c:d.slice")]
    public void Expand_Slice_IsThePathOfItsCgroup(string slice, string path) => Assert.Equal(path, SliceName.Expand(slice));

    [Theory]
    [InlineData("/kubepods/pod1", "\"/kubepods/pod1\" is not a slice: it does not end in \".slice\"")]
    [InlineData("a.scope", "\"a.scope\" is not a slice: it does not end in \".slice\"")]
    [InlineData("-.slice", "\"-.slice\" is not a slice: it is the root of all slices")]
    [InlineData(".slice", "\".slice\" is not a slice: it is the root of all slices")]
    [InlineData("a--b.slice", "\"a--b.slice\" is not a slice: a level between its dashes has no name")]
    [InlineData("-a.slice", "\"-a.slice\" is not a slice: a level between its dashes has no name")]
    [InlineData("a-.slice", "\"a-.slice\" is not a slice: a level between its dashes has no name")]
    [InlineData("a b.slice", "\"a b.slice\" is not a slice: ' ' cannot be part of a unit's name")]
    [InlineData("b.slice/a-b.slice", "\"b.slice/a-b.slice\" is not a slice: the control group of a-b.slice is \"/a.slice/a-b.slice\"")]
    [InlineData("/system/a.slice", "\"/system/a.slice\" is not a slice: the control group of a.slice is \"/a.slice\"")]
    public void Expand_Other_IsRefused(string slice, string message)
    {
        var refused = Assert.Throws<AgentException>(() => SliceName.Expand(slice));

        Assert.Equal((ErrorKind.InvalidArgument, message), (refused.Kind, refused.Message));
    }

    [Fact]
    public void Expand_NameLongerThanAUnitMayHave_IsRefused()
    {
        Assert.Equal(255, SliceName.Expand(new string('a', 249) + ".slice").Length);
        Assert.Throws<AgentException>(() => SliceName.Expand(new string('a', 250) + ".slice"));
    }

    // What the kubelet and systemd-escape(1) make of them.
    [Theory]
    [InlineData("pod5cf6ab8f-90f8-4e0e-9b5d-1a2b3c4d5e6f", "pod5cf6ab8f_90f8_4e0e_9b5d_1a2b3c4d5e6f")]
    [InlineData("a/b c", "a\\x2fb\\x20c")]
    [InlineData("a\\b", "a\\x5cb")]
    [InlineData(".a.b", "\\x2ea.b")]
    [InlineData("é", "\\xc3\\xa9")]
    [InlineData("A1:_.@", "A1:_.@")]
    public void Escape_Text_IsOneLevel(string text, string level) => Assert.Equal(level, SliceName.Escape(text));

    [Fact]
    public void Inside_Levels_AreNested() => Assert.Equal(
        "my.slice/my-pods.slice/my-pods-burstable.slice/my-pods-burstable-pod1_2.slice",
        SliceName.Inside("my.slice/my-pods.slice", "burstable", "pod1-2"));

    [Theory]
    [InlineData("podagent", "podagent.slice")]
    [InlineData("podagent-b", "podagent_b.slice")]
    [InlineData("pods/mine", "pods.slice/pods-mine.slice")]
    [InlineData("pods-mine.slice", "pods.slice/pods-mine.slice")]
    public void ForPath_Cgroup_HasItsSlice(string path, string slice) => Assert.Equal(slice, SliceName.ForPath(path));

    [Fact]
    public void Expand_EscapedAndNested_IsWhereItWasPut()
    {
        string path = SliceName.Inside(SliceName.ForPath("a-b/c d"), "x\\y", ".z");

        Assert.Equal(path, SliceName.Expand(path[(path.LastIndexOf('/') + 1)..]));
    }
}
