using PodAgent.Images.Archives;
using PodAgent.Images.Snapshots;

namespace PodAgent.Images.Tests.Snapshots;

public sealed class LayerAttributesTests
{
    [Theory]
    [InlineData("user.x", true, false)]
    [InlineData("security.capability", true, true)]
    [InlineData("system.posix_acl_access", true, true)]
    [InlineData("security.selinux", false, false)]
    [InlineData("security.ima", false, false)]
    [InlineData("trusted.x", false, false)]
    public void IsKept_Attribute_OnlyWhatAContainerCouldSet(string name, bool file, bool link)
    {
        Assert.Equal(file, LayerAttributes.IsKept(name, TarEntryType.Regular));
        Assert.Equal(link, LayerAttributes.IsKept(name, TarEntryType.SymbolicLink));
    }

    [Fact]
    public void IsKept_OverlayAttribute_IsRefused() => Assert.Throws<ContentException>(() => LayerAttributes.IsKept("trusted.overlay.opaque", TarEntryType.Directory));
}
