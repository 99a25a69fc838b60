using System.Text;
using Google.Protobuf;
using PodAgent.Api.Core;
using PodAgent.Api.Manifests;

namespace PodAgent.Cli.Tests.Support;

/// <summary>Objects from the YAML that a person would write.</summary>
internal static class Manifest
{
    public static Pod Pod(string yaml) => Assert.Single(Read<Pod>(yaml));

    /// <summary>A pod "web" with the given spec and status, in YAML's flow style.</summary>
    public static Pod Pod(string spec, string status, string metadata = "name: web, namespace: default") =>
        Pod($"apiVersion: v1\nkind: Pod\nmetadata: {{{metadata}}}\nspec: {{{spec}}}\nstatus: {{{status}}}\n");

    public static IReadOnlyList<T> Read<T>(string yaml)
        where T : IMessage
    {
        ManifestReadResult result = new ManifestReader().Read(Encoding.UTF8.GetBytes(yaml), "test.yaml");
        Assert.Empty(result.Problems);
        return [.. result.Objects.Select(item => item.Message).Cast<T>()];
    }
}
