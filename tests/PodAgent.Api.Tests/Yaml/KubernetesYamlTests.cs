using System.Text;
using PodAgent.Api.Core;
using PodAgent.Api.Manifests;
using PodAgent.Api.Yaml;

namespace PodAgent.Api.Tests.Yaml;

public class KubernetesYamlTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "\"\"")]
    [InlineData("8080", "\"8080\"")]
    [InlineData("0644", "\"0644\"")]
    [InlineData("1.2.3", "1.2.3")]
    [InlineData("yes", "\"yes\"")]
    [InlineData("null", "\"null\"")]
    [InlineData("1:30", "\"1:30\"")]
    [InlineData("::1", "::1")]
    [InlineData("fe80::1", "fe80::1")]
    [InlineData("it's: here ", "'it''s: here '")]
    [InlineData("2026-01-02T00:00:00Z", "\"2026-01-02T00:00:00Z\"")]
    [InlineData("a: b", "'a: b'")]
    [InlineData("a:b", "a:b")]
    [InlineData("a:", "'a:'")]
    [InlineData("a #b", "'a #b'")]
    [InlineData("a#b", "a#b")]
    [InlineData("-a", "-a")]
    [InlineData("- a", "'- a'")]
    [InlineData("*", "'*'")]
    [InlineData("/bin/sh -c 'x'", "/bin/sh -c 'x'")]
    [InlineData("'x'", "'''x'''")]
    [InlineData(" x", "' x'")]
    [InlineData("x\ty", "\"x\\ty\"")]
    [InlineData("\u0001", "\"\\u0001\"")]
    [InlineData("é 😀", "é 😀")]
    [InlineData("one\ntwo\n", "|\n    one\n    two")]
    [InlineData("one\ntwo", "|-\n    one\n    two")]
    [InlineData("one\n\ntwo\n\n", "|+\n    one\n\n    two\n")]
    [InlineData("one \ntwo", "\"one \\ntwo\"")]
    [InlineData(" one\ntwo", "\" one\\ntwo\"")]
    [InlineData("\ttwo\n", "\"\\ttwo\\n\"")]
    public void Write_String_IsQuotedOnlyWhenNecessary(string value, string expected) =>
        Assert.Equal($"apiVersion: v1\ndata:\n  key: {expected}\nkind: ConfigMap\n", KubernetesYaml.Write(new ConfigMap { Data = { ["key"] = value } }));

    [Theory]
    [InlineData("trail *w")]
    [InlineData("trail &w")]
    [InlineData("*w")]
    public void Write_KeyWithAReferencesMark_IsReadBack(string key)
    {
        var map = new ConfigMap { Data = { [key] = "v" } };

        ManifestReadResult read = new ManifestReader().Read(Encoding.UTF8.GetBytes(KubernetesYaml.Write(map)), null);

        Assert.Empty(read.Problems);
        Assert.Equal(map, Assert.Single(read.Objects).Message);
    }

    [Fact]
    public void Write_KeysThatMeanSomethingElse_AreQuoted() =>
        Assert.Equal(
            "apiVersion: v1\ndata:\n  \"\": a\n  \"1\": a\n  '<<': a\n  \"on\": a\n  x: a\nkind: ConfigMap\n",
            KubernetesYaml.Write(new ConfigMap { Data = { ["x"] = "a", ["on"] = "a", ["1"] = "a", ["<<"] = "a", [""] = "a" } }));

    [Fact]
    public void Write_EmptyMessage_IsAnEmptyObject() => Assert.Equal("{}\n", KubernetesYaml.Write(new PodSpec()));
}
