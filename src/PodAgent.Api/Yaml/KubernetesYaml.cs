using System.Text;
using Google.Protobuf;
using PodAgent.Api.Documents;
using PodAgent.Api.Json;

namespace PodAgent.Api.Yaml;

/// <summary>Kubernetes YAML as <c>kubectl -o yaml</c> prints it.</summary>
public static class KubernetesYaml
{
    /// <summary>
    /// One document: keys in alphabetical order (which puts apiVersion, kind, metadata, spec, status as everybody knows them), quotes only where
    /// the text would mean something else without, multi-line strings as blocks. Ends with a newline.
    /// </summary>
    /// <param name="message">A message of one of the Kubernetes packages.</param>
    public static string Write(IMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        StringBuilder output = new();
        new YamlNodeWriter(output).WriteDocument(MessageWriter.WriteRoot(message));
        return output.ToString();
    }

    /// <summary>A JSON value as one YAML document, keys in the order they come. Ends with a newline.</summary>
    /// <exception cref="DocumentException">It is not JSON.</exception>
    public static string FromJson(string json)
    {
        StringBuilder output = new();
        JsonDocumentReader.Read(Encoding.UTF8.GetBytes(json), new YamlNodeWriter(output).WriteDocument);
        return output.ToString();
    }
}
