using System.Text.RegularExpressions;

namespace PodAgent.Architecture.Tests;

/// <summary>docs/security.md names a test for each defence that it claims; this one finds names that no test has any more.</summary>
public sealed partial class SecurityDocumentTests
{
    [Fact]
    public void Tests_NamedInTheDocument_Exist()
    {
        string[] sources = [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*.cs", SearchOption.AllDirectories)];
        Dictionary<string, string> byClass = sources.GroupBy(file => Path.GetFileNameWithoutExtension(file))
            .ToDictionary(group => group.Key, group => string.Concat(group.Select(File.ReadAllText)));
        string[] named = [.. Reference().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "security.md"))).Select(match => match.Groups[1].Value)];

        Assert.True(named.Length > 30);
        Assert.All(named, name => Assert.True(Exists(byClass, name), $"there is no test {name}"));
    }

    private static bool Exists(Dictionary<string, string> byClass, string name) =>
        name.Split('.') is [var type, var method] && byClass.TryGetValue(type, out string? text) && text.Contains($" {method}(", StringComparison.Ordinal);

    [GeneratedRegex("`([A-Z][A-Za-z0-9]*Tests\\.[A-Z][A-Za-z0-9_]*)`")]
    private static partial Regex Reference();
}
