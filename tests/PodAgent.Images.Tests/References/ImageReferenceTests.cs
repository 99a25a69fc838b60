using FsCheck;
using FsCheck.Fluent;
using PodAgent.Images.References;
using PodAgent.Linux;

namespace PodAgent.Images.Tests.References;

public sealed class ImageReferenceTests
{
    private const string Hex = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("busybox", "docker.io/library/busybox:latest")]
    [InlineData("busybox:1.29", "docker.io/library/busybox:1.29")]
    [InlineData("library/busybox", "docker.io/library/busybox:latest")]
    [InlineData("docker.io/busybox", "docker.io/library/busybox:latest")]
    [InlineData("index.docker.io/busybox", "docker.io/library/busybox:latest")]
    [InlineData("user/name:v1", "docker.io/user/name:v1")]
    [InlineData("localhost/name", "localhost/name:latest")]
    [InlineData("localhost:5000/name", "localhost:5000/name:latest")]
    [InlineData("Registry/name", "Registry/name:latest")]
    [InlineData("registry.k8s.io/e2e-test-images/busybox:1.29-2", "registry.k8s.io/e2e-test-images/busybox:1.29-2")]
    [InlineData("podagent.local/busybox:latest", "podagent.local/busybox:latest")]
    [InlineData("[::1]:5000/a/b", "[::1]:5000/a/b:latest")]
    [InlineData("[fe80::1]/a", "[fe80::1]/a:latest")]
    [InlineData("a--b/c__d/e.f/g_h", "docker.io/a--b/c__d/e.f/g_h:latest")]
    [InlineData("host:80", "docker.io/library/host:80")]
    [InlineData("busybox@sha256:" + Hex, "docker.io/library/busybox@sha256:" + Hex)]
    [InlineData("busybox:1@sha256:" + Hex, "docker.io/library/busybox:1@sha256:" + Hex)]
    public void Parse_ValidReference_IsNormalised(string text, string expected) => Assert.Equal(expected, ImageReference.Parse(text).WithDefaultTag().ToString());

    [Theory]
    [InlineData("", "is empty")]
    [InlineData(":tag", "component")]
    [InlineData("a:", "tag is empty")]
    [InlineData("a:-x", "may not hold '-'")]
    [InlineData("a:x/y/", "invalid port")]
    [InlineData("a b", "no valid component")]
    [InlineData("a:b c", "may not hold ' '")]
    [InlineData("Upper", "lower case")]
    [InlineData("docker.io/Upper/a", "lower case")]
    [InlineData("a//b", "empty")]
    [InlineData("/a", "component")]
    [InlineData("a/", "component")]
    [InlineData("-a/b", "no valid component")]
    [InlineData("a-/b", "no valid component")]
    [InlineData("a___b", "no valid component")]
    [InlineData("a..b", "no valid component")]
    [InlineData("-host.com/a", "registry host")]
    [InlineData("host..com/a", "registry host")]
    [InlineData("host:port/a", "invalid port")]
    [InlineData("host:/a", "invalid port")]
    [InlineData("[::1/a", "registry host")]
    [InlineData("http://host/a", "port")]
    [InlineData("a@sha256:123", "no sha256 digest")]
    [InlineData("a@sha512:" + Hex, "not supported")]
    [InlineData("a@sha256:" + Hex + "0", "no sha256 digest")]
    [InlineData("a@", "no digest")]
    [InlineData(Hex, "image id")]
    [InlineData("a\0b", "no valid component")]
    public void Parse_InvalidReference_SaysWhatIsWrong(string text, string expected)
    {
        AgentException failure = Assert.Throws<AgentException>(() => ImageReference.Parse(text));

        Assert.Equal(ErrorKind.InvalidArgument, failure.Kind);
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(128, true)]
    [InlineData(129, false)]
    public void TryParse_LongTag_EndsAt128(int length, bool valid) => Assert.Equal(valid, ImageReference.TryParse("a:" + new string('t', length), out _) is null);

    [Theory]
    [InlineData(235, true)]
    [InlineData(300, false)]
    public void TryParse_LongName_EndsAt255(int length, bool valid) => Assert.Equal(valid, ImageReference.TryParse(new string('n', length), out _) is null);

    [Fact]
    public void Parse_WhatWasWritten_IsTheSameAgain()
    {
        Gen<string> component = Gen.Elements("a", "b0", "x-y", "x--y", "p_q", "p__q", "1.2", "0a");
        Gen<string> domain = Gen.Elements("docker.io", "localhost", "localhost:5000", "r.example.com:443", "[::1]:1", "A.b");
        Gen<string> tag = Gen.Elements("", ":latest", ":_x", ":1.2-3", ":A");
        Gen<string> digest = Gen.Elements("", "@sha256:" + Hex);
        Gen<string> references =
            from d in domain
            from path in Gen.NonEmptyListOf(component)
            from t in tag
            from h in digest
            select $"{d}/{string.Join('/', path.Take(8))}{t}{h}";

        Prop.ForAll(references.ToArbitrary(), text =>
        {
            ImageReference once = ImageReference.Parse(text);
            return once == ImageReference.Parse(once.ToString()) && once.ToString().EndsWith(text[(text.IndexOf('/') + 1)..], StringComparison.Ordinal);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void TryParse_AnyText_GivesEitherAReferenceOrAReason() =>
        Prop.ForAll<string>(text => text is null || ImageReference.TryParse(text, out ImageReference? reference) is null == reference is not null).QuickCheckThrowOnFailure();
}
