using PodAgent.Containers.Launch;
using PodAgent.Linux.Mounting;

namespace PodAgent.Containers.Tests.Launch;

public sealed class MountOptionsTests
{
    [Fact]
    public void Parse_KnownWords_BecomeAttributesAndTheRestData()
    {
        MountOptions options = MountOptions.Parse(["rbind", "ro", "nosuid", "rslave", "rro", "dev", "mode=755", "newinstance", "strictatime"]);

        Assert.True(options.Recursive);
        Assert.Equal(MountAttributes.ReadOnly | MountAttributes.NoSuid | MountAttributes.StrictAccessTime, options.Set);
        Assert.Equal(MountAttributes.NoDevices | MountAttributes.AccessTimeMask, options.Clear);
        Assert.Equal(MountAttributes.ReadOnly, options.SetRecursively);
        Assert.Equal(MountFlags.Slave, options.Propagation);
        Assert.Equal([new("mode", "755"), new("newinstance", null)], options.Data);
    }

    [Theory]
    [InlineData("/a/./b//c/", "a/b/c")]
    [InlineData("/../../etc", "etc")]
    [InlineData("a/b/../../..", "")]
    [InlineData("/", "")]
    public void Components_OfAnyPath_NeverLeaveTheRoot(string path, string expected) =>
        Assert.Equal(expected, string.Join('/', RootTree.Components(path)));
}
