using System.Text;

namespace PodAgent.Api.Documents;

/// <summary>YAML for readers of JSON.</summary>
public static class YamlDocument
{
    /// <summary>The only document of a YAML text as UTF-8 JSON, read with the limits and the strictness of manifests.</summary>
    /// <exception cref="FormatException">It is malformed, too large, or not exactly one document.</exception>
    public static byte[] ToJson(ReadOnlySpan<byte> utf8)
    {
        var found = new List<DocumentNode>();
        try
        {
            YamlDocumentReader.Read(Encoding.UTF8.GetString(utf8), found.Add);
        }
        catch (DocumentException malformed)
        {
            throw new FormatException($"line {malformed.Line}, column {malformed.Column}: {malformed.Message}", malformed);
        }

        return found is [var only] ? NodeJson.Write(only) : throw new FormatException($"{found.Count} documents, expected one");
    }
}
