using PodAgent.Images.Manifests;

namespace PodAgent.Images.Tests.Manifests;

public sealed class PlatformTests
{
    private static readonly Platform s_amd64 = new("linux", "amd64", "");
    private static readonly Platform s_arm64 = new("linux", "arm64", "");

    [Fact]
    public void Rank_OtherMachine_IsNoChoice()
    {
        Assert.Null(Platform.Rank(new("linux", "arm64", ""), s_amd64));
        Assert.Null(Platform.Rank(new("windows", "amd64", ""), s_amd64));
        Assert.Null(Platform.Rank(new("unknown", "unknown", ""), s_amd64));
        Assert.Null(Platform.Rank(new("linux", "amd64", "v9"), s_amd64));
        Assert.Null(Platform.Rank(new("linux", "arm64", "v9"), s_arm64));
    }

    [Fact]
    public void Rank_Baseline_IsBest()
    {
        Assert.Equal(0, Platform.Rank(new("linux", "amd64", "v1"), s_amd64));
        Assert.Equal(0, Platform.Rank(new("linux", "arm64", "v8"), s_arm64));
    }

    [Fact]
    public void For_Index_PutsTheBestFirstAndTheUnstatedLast()
    {
        var index = new ImageIndex([Entry("none", null), Entry("arm", s_arm64), Entry("plain", s_amd64), Entry("attestation", new("unknown", "unknown", ""))]);

        Assert.Equal(["plain", "none"], index.For(s_amd64).Select(entry => entry.Digest));
    }

    private static Descriptor Entry(string digest, Platform? platform) => new(MediaTypes.OciManifest, digest, 1, platform, new Dictionary<string, string>());
}
