using System.Text;
using Google.Protobuf;
using PodAgent.Api.Documents;
using PodAgent.Api.Manifests;

namespace PodAgent.Api.Json;

/// <summary>
/// Kubernetes JSON, which is not proto3 JSON: quantities and times are strings, some messages are inlined into the one around them,
/// names are the published field names, zero and absent are told apart only where the published types do.
/// </summary>
public static class KubernetesJson
{
    /// <summary>JSON of an object, keys in alphabetical order; with <c>apiVersion</c> and <c>kind</c> when the type has them.</summary>
    /// <param name="message">A message of one of the Kubernetes packages.</param>
    /// <param name="indented">Four spaces per level as <c>kubectl -o json</c>, without a final newline.</param>
    public static string Write(IMessage message, bool indented = false) => Encoding.UTF8.GetString(WriteUtf8(message, indented));

    /// <summary>As <see cref="Write"/>, in UTF-8.</summary>
    /// <param name="message">A message of one of the Kubernetes packages.</param>
    /// <param name="indented">Four spaces per level.</param>
    public static byte[] WriteUtf8(IMessage message, bool indented = false)
    {
        ArgumentNullException.ThrowIfNull(message);
        return NodeJson.Write(MessageWriter.WriteRoot(message), indented);
    }

    /// <summary>Reads one object strictly: unknown fields, wrong types and duplicate keys are errors.</summary>
    /// <param name="json">One JSON object in UTF-8.</param>
    /// <param name="ignoreUnknownFields">For what other programs sent: fields that this version does not know are skipped.</param>
    /// <exception cref="ManifestException">Lists every problem.</exception>
    public static T Parse<T>(ReadOnlySpan<byte> json, bool ignoreUnknownFields = false)
        where T : class, IMessage<T>, new()
    {
        List<ManifestProblem> problems = [];
        T message = new();
        DocumentNode? root = null;
        try
        {
            JsonDocumentReader.Read(json, node => root = root is null
                ? node
                : throw new DocumentException("more than one JSON value", node.Line, node.Column));
            if (root is MappingNode mapping)
            {
                new MessageReader(null, problems, ignoreUnknownFields).ReadObject(mapping, message, "", isRoot: true);
            }
            else
            {
                problems.Add(new ManifestProblem(null, root?.Line ?? 1, root?.Column ?? 1, "", $"expected object, got {root?.Describe() ?? "nothing"}"));
            }
        }
        catch (DocumentException exception)
        {
            problems.Add(new ManifestProblem(null, exception.Line, exception.Column, "", exception.Message));
        }

        return problems.Count == 0 ? message : throw new ManifestException(problems);
    }

    /// <summary>As <see cref="Parse{T}(ReadOnlySpan{byte}, bool)"/>, from text.</summary>
    /// <param name="json">One JSON object.</param>
    /// <param name="ignoreUnknownFields">Fields that this version does not know are skipped.</param>
    /// <exception cref="ManifestException">Lists every problem.</exception>
    public static T Parse<T>(string json, bool ignoreUnknownFields = false)
        where T : class, IMessage<T>, new() => Parse<T>(Encoding.UTF8.GetBytes(json), ignoreUnknownFields);
}
