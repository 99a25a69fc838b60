using System.Text.RegularExpressions;

namespace PodAgent.Architecture.Tests;

/// <summary>House rules that a compiler does not check.</summary>
public partial class SourceLayoutTests
{
    private static readonly string[] s_vagueNames = ["Utils", "Util", "Helpers", "Helper", "Common", "Misc", "Manager"];

    [Fact]
    public void Interop_Declarations_LiveInLinuxAlone()
    {
        string[] offenders =
        [
            .. Repository.SourceFiles("src")
                .Where(file => !file.Contains("/PodAgent.Linux/", StringComparison.Ordinal))
                .Where(file => InteropPattern().IsMatch(File.ReadAllText(file)))
                .Select(Repository.Relative),
        ];

        Assert.Empty(offenders);
    }

    /// <summary>The first use of one binds every property of every message by reflection; PodAgent.Api/Schema has what is needed.</summary>
    [Fact]
    public void DescriptorsOfGeneratedClasses_OutsideOfRpc_AreNotUsed()
    {
        string[] offenders =
        [
            .. Repository.SourceFiles("src")
                .Where(file => !file.Contains("/PodAgent.Rpc/", StringComparison.Ordinal))
                .Where(file => GeneratedDescriptorPattern().IsMatch(File.ReadAllText(file).Replace("HealthReflection.Descriptor", "", StringComparison.Ordinal)))
                .Select(Repository.Relative),
        ];

        Assert.Empty(offenders);
    }

    [Fact]
    public void Files_OfTheWholeTree_HaveAtMost600Lines()
    {
        string[] offenders =
        [
            .. Repository.SourceFiles("src").Concat(Repository.SourceFiles("tests"))
                .Where(file => File.ReadLines(file).Count() > 600)
                .Select(Repository.Relative),
        ];

        Assert.Empty(offenders);
    }

    [Fact]
    public void Namespaces_OfSourceFiles_AreTheirFolders()
    {
        // Grpc.Core is the published namespace that generated code names; PodAgent.Rpc provides it (docs/architecture.md).
        string[] offenders =
        [
            .. Repository.SourceFiles("src")
                .Select(file => (File: Repository.Relative(file), Declared: NamespacePattern().Match(File.ReadAllText(file))))
                .Where(file => file.Declared.Success && file.Declared.Groups[1].Value != Folder(file.File)
                    && !file.Declared.Groups[1].Value.StartsWith("Grpc.Core", StringComparison.Ordinal))
                .Select(file => $"{file.File}: {file.Declared.Groups[1].Value}"),
        ];

        Assert.Empty(offenders);
    }

    [Fact]
    public void FileAndFolderNames_OfTheWholeTree_AreNouns()
    {
        string[] offenders =
        [
            .. Repository.SourceFiles("src")
                .Select(Repository.Relative)
                .Where(file => file.Split('/').Any(part => s_vagueNames.Any(name => Path.GetFileNameWithoutExtension(part).EndsWith(name, StringComparison.Ordinal)))),
        ];

        Assert.Empty(offenders);
    }

    [Fact]
    public void Waiting_InSource_GoesThroughTimeProvider()
    {
        string[] offenders =
        [
            .. Repository.SourceFiles("src")
                .Where(file => ClockPattern().IsMatch(File.ReadAllText(file)))
                .Select(Repository.Relative),
        ];

        Assert.Empty(offenders);
    }

    private static string Folder(string relative)
    {
        string[] parts = relative.Split('/');
        return string.Join('.', parts[1..^1]);
    }

    [GeneratedRegex(@"\.Accessor\b|\bmessage\.Descriptor\b|(Reflection|Service|Pod|Node|VolumeSource)\.Descriptor\b|\.Descriptor\.(File|Fields|FullName|Parser)\b")]
    private static partial Regex GeneratedDescriptorPattern();

    [GeneratedRegex(@"\[(LibraryImport|DllImport)\(|\bunsafe\s")]
    private static partial Regex InteropPattern();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespacePattern();

    [GeneratedRegex(@"\bThread\.Sleep\(|\bDateTime(Offset)?\.(Utc)?Now\b|\bTask\.Delay\((?:[^(),]|\([^()]*\))*(?:,\s*(?:ct|cancellationToken|CancellationToken\.None)\s*)?\)")]
    private static partial Regex ClockPattern();
}
