using System.Text;
using FsCheck;
using FsCheck.Fluent;
using PodAgent.Images.Snapshots;

namespace PodAgent.Images.Tests.Snapshots;

public sealed class LayerPathTests
{
    [Theory]
    [InlineData("a", "a", "", "a")]
    [InlineData("./a/./b//c/", "a/b/c", "a/b", "c")]
    [InlineData("./", "", "", "")]
    [InlineData(".", "", "", "")]
    [InlineData("...", "...", "", "...")]
    [InlineData("a..b/..c", "a..b/..c", "a..b", "..c")]
    public void Parse_Name_IsReduced(string name, string path, string parent, string last)
    {
        LayerPath parsed = Parse(name);

        Assert.Equal(path, parsed.Key);
        Assert.Equal(parent, parsed.Parent.Key);
        Assert.Equal(last, Encoding.UTF8.GetString(parsed.Name));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/etc")]
    [InlineData("..")]
    [InlineData("a/..")]
    [InlineData("a/../b")]
    [InlineData("./../a")]
    public void Parse_EmptyAbsoluteOrClimbing_IsRefused(string name) => Assert.Throws<ContentException>(() => Parse(name));

    [Fact]
    public void Prefixes_Path_GoOutsideIn() => Assert.Equal(["a", "a/b", "a/b/c"], Parse("a/b/c").Prefixes().Select(prefix => prefix.Key));

    [Theory]
    [InlineData("a/b", "c", "a/b/c")]
    [InlineData("a/b", "../c", "a/c")]
    [InlineData("a/b", "../../../../c", "c")]
    [InlineData("a/b", "/c/d", "c/d")]
    [InlineData("a/b", "/..", "")]
    [InlineData(".", "x/../y", "y")]
    public void Follow_LinkTarget_StaysInside(string directory, string target, string expected) =>
        Assert.Equal(expected, Parse(directory).Follow(Encoding.UTF8.GetBytes(target)).Key);

    [Fact]
    public void Parse_AnyName_NeverLeadsOut()
    {
        Gen<string> names = Gen.ListOf(Gen.Elements("/", ".", "..", "a", "b.", "./", "../")).Select(parts => string.Concat(parts));
        Prop.ForAll(names.ToArbitrary(), name =>
        {
            try
            {
                LayerPath path = Parse(name);
                return !path.Key.StartsWith('/') && !path.Key.Split('/').Any(part => part is "." or "..") && path.Key == Parse(path.IsRoot ? "." : path.Key).Key;
            }
            catch (ContentException)
            {
                return name.Length == 0 || name[0] == '/' || name.Split('/').Contains("..");
            }
        }).QuickCheckThrowOnFailure();
    }

    private static LayerPath Parse(string name) => LayerPath.Parse(Encoding.UTF8.GetBytes(name));
}
