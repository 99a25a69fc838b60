using PodAgent.Images.Configs;
using PodAgent.Linux;

namespace PodAgent.Images.Tests;

public sealed class ImageLookupTests
{
    private static readonly ImageRecord[] s_images =
    [
        Image("aaaaaaa1", ["docker.io/library/busybox:latest"], ["docker.io/library/busybox@sha256:" + new string('1', 64)]),
        Image("aaaaaaa2", [], []),
        Image("beef0000", ["docker.io/library/aaaaaaa1:latest"], []),
    ];

    [Theory]
    [InlineData("busybox", 0)]
    [InlineData("docker.io/library/busybox", 0)]
    [InlineData("busybox:latest", 0)]
    [InlineData("busybox:any@sha256:1111111111111111111111111111111111111111111111111111111111111111", 0)]
    [InlineData("sha256:aaaaaaa2", 1)]
    [InlineData("sha256:b", 2)]
    [InlineData("beef000", 2)]
    [InlineData("aaaaaaa1", 2)]
    [InlineData("beef00", null)]
    [InlineData("busybox:1", null)]
    [InlineData("sha256:c", null)]
    public void Find_Reference_PrefersNamesToShortIds(string reference, int? expected) =>
        Assert.Equal(expected is { } i ? s_images[i] : null, ImageLookup.Find(s_images, reference));

    [Theory]
    [InlineData("sha256:aaaaaaa", "ambiguous")]
    [InlineData("sha256:", "invalid image id")]
    [InlineData("sha256:xyz", "invalid image id")]
    [InlineData("Not A Name", "lower case")]
    public void Find_UselessReference_InvalidArgument(string reference, string expected)
    {
        AgentException failure = Assert.Throws<AgentException>(() => ImageLookup.Find(s_images, reference));

        Assert.Equal(ErrorKind.InvalidArgument, failure.Kind);
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }

    private static ImageRecord Image(string id, string[] tags, string[] digests) => new()
    {
        Id = "sha256:" + id.PadRight(64, '0'),
        RepoTags = tags,
        RepoDigests = digests,
        ManifestDigest = "",
        Size = 0,
        Config = new ImageConfig(),
        ChainIds = [],
        ImportedAt = default,
    };
}
