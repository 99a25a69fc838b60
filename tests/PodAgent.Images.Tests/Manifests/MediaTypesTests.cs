using PodAgent.Images.Manifests;

namespace PodAgent.Images.Tests.Manifests;

public sealed class MediaTypesTests
{
    [Theory]
    [InlineData("application/vnd.oci.image.layer.v1.tar", true)]
    [InlineData("application/vnd.oci.image.layer.v1.tar+gzip", true)]
    [InlineData("application/vnd.oci.image.layer.v1.tar+zstd", true)]
    [InlineData("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", true)]
    [InlineData("application/vnd.docker.image.rootfs.diff.tar.gzip", true)]
    [InlineData("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", true)]
    [InlineData("application/vnd.oci.image.layer.v1.tar+encrypted", false)]
    [InlineData("application/vnd.oci.image.layer.v1.tar+gzip+encrypted", false)]
    [InlineData("application/vnd.in-toto+json", false)]
    [InlineData("", false)]
    public void IsLayer_MediaType_KnowsWhatCanBeUnpacked(string type, bool expected) => Assert.Equal(expected, MediaTypes.IsLayer(type));
}
