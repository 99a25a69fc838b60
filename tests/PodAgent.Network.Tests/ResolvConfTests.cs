using FsCheck;
using FsCheck.Fluent;

namespace PodAgent.Network.Tests;

public sealed class ResolvConfTests
{
    [Fact]
    public void Parse_HostFile_KeepsWhatCounts()
    {
        ResolverConfiguration configuration = ResolvConf.Parse(
            "# made by hand\nnameserver 192.0.2.1\nnameserver\t192.0.2.2 \n;x\ndomain old.example\nsearch a.example. b.example .\n"
            + "options ndots:2 timeout:1\noptions ndots:2 rotate\nsortlist 1.2.3.4\nnameserver\n");

        Assert.Equal(["192.0.2.1", "192.0.2.2"], configuration.Nameservers);
        Assert.Equal(["a.example", "b.example"], configuration.Searches);
        Assert.Equal(["ndots:2", "timeout:1", "rotate"], configuration.Options);
    }

    [Fact]
    public void Render_Configuration_HasTheOrderThatToolsExpect()
    {
        var configuration = new ResolverConfiguration(["10.10.10.10"], ["google.com", "x.y"], ["ndots:8"]);

        Assert.Equal("nameserver 10.10.10.10\nsearch google.com x.y\noptions ndots:8\n", ResolvConf.Render(configuration));
        Assert.Equal("", ResolvConf.Render(new ResolverConfiguration([], [], [])));
    }

    [Fact]
    public void Limit_TooManyNameservers_KeepsTheFirstThree()
    {
        ResolverConfiguration limited = ResolvConf.Limit(
            new ResolverConfiguration(["1.1.1.1", "2.2.2.2", "3.3.3.3", "4.4.4.4"], [], []), out IReadOnlyList<string> omitted);

        Assert.Equal(["1.1.1.1", "2.2.2.2", "3.3.3.3"], limited.Nameservers);
        Assert.Equal(["nameserver 4.4.4.4: limit of 3 exceeded"], omitted);
    }

    [Fact]
    public void Limit_Searches_KeepsThirtyTwo()
    {
        List<string> domains = [.. Enumerable.Range(0, 40).Select(n => $"d{n}")];

        ResolverConfiguration limited = ResolvConf.Limit(new ResolverConfiguration([], domains, []), out IReadOnlyList<string> omitted);

        Assert.Equal(domains.Take(32), limited.Searches);
        Assert.Equal(8, omitted.Count);
    }

    [Fact]
    public void Limit_LongDomain_IsLeftOutAlone()
    {
        ResolverConfiguration limited = ResolvConf.Limit(
            new ResolverConfiguration([], ["a", new string('x', 256), "b", new string('y', 255)], []), out IReadOnlyList<string> omitted);

        Assert.Equal(["a", "b", new string('y', 255)], limited.Searches);
        Assert.Single(omitted);
    }

    [Fact]
    public void Limit_AnySearches_StayWithinTheLimitsInOrder()
    {
        Gen<string[]> searches = Gen.Choose(1, 300).Select(length => new string('d', length)).ArrayOf();
        Prop.ForAll(searches.ToArbitrary(), list =>
        {
            ResolverConfiguration limited = ResolvConf.Limit(new ResolverConfiguration([], list, []), out IReadOnlyList<string> omitted);
            return limited.Searches.Count <= 32
                && string.Join(' ', limited.Searches).Length <= 2048
                && limited.Searches.Count + omitted.Count == list.Length
                && limited.Searches.SequenceEqual(list.Where(domain => domain.Length <= 255).Take(limited.Searches.Count));
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("short", "short")]
    [InlineData("a23456789-123456789-123456789-123456789-123456789-123456789-12-extra", "a23456789-123456789-123456789-123456789-123456789-123456789-12")]
    public void Truncate_Name_EndsInALabel(string name, string expected) => Assert.Equal(expected, PodHostname.Truncate(name));

    [Fact]
    public void Truncate_NothingLeft_IsRefused() => Assert.Throws<ArgumentException>(() => PodHostname.Truncate(new string('-', 64)));
}
