using Google.Protobuf;
using PodAgent.Api.Documents;
using PodAgent.Api.Json;

namespace PodAgent.Api.Manifests;

/// <summary>Reads a program's settings, one YAML or JSON object without kind, as strictly as manifests are read.</summary>
public static class SettingsReader
{
    /// <summary>Reads a file.</summary>
    /// <param name="content">UTF-8, at most 10 MiB. An empty file is an empty message.</param>
    /// <param name="fileName">Named in problems.</param>
    /// <returns>The settings, incomplete where there are problems; and every problem.</returns>
    public static (T Settings, IReadOnlyList<ManifestProblem> Problems) Read<T>(ReadOnlyMemory<byte> content, string fileName)
        where T : IMessage, new()
    {
        List<ManifestProblem> problems = [];
        var settings = new T();
        MessageReader reader = new(fileName, problems);
        List<DocumentNode> roots = ManifestReader.ReadDocuments(content.Span, fileName, problems);
        DocumentNode[] documents = [.. roots.Where(root => root is not ScalarNode { Kind: ScalarKind.Null })];
        if (documents.Length > 1)
        {
            reader.Report(documents[1].Line, documents[1].Column, "", "settings are one document, this is a second");
        }

        switch (documents.FirstOrDefault())
        {
            case MappingNode mapping:
                reader.ReadObject(mapping, settings, "", isRoot: false);
                break;
            case { } other:
                reader.Report(other.Line, other.Column, "", $"expected an object, got {other.Describe()}");
                break;
        }

        return (settings, problems);
    }
}
