using System.Text;
using PodAgent.Api.Core;
using PodAgent.Api.Defaults;
using PodAgent.Api.Manifests;

namespace PodAgent.Api.Tests;

/// <summary>Pods to test with, from YAML.</summary>
internal static class Pods
{
    public static Pod Read(string yaml)
    {
        ManifestReadResult result = new ManifestReader().Read(Encoding.UTF8.GetBytes(yaml), null);
        Assert.Empty(result.Problems);
        return (Pod)Assert.Single(result.Objects).Message;
    }

    /// <summary>A valid pod "a" with one container "main", defaults applied; spec lines are added to it.</summary>
    /// <param name="spec">Further fields of the spec, a flow mapping without its braces.</param>
    /// <param name="container">Further fields of the container, a flow mapping without its braces.</param>
    public static Pod With(string spec = "", string container = "")
    {
        Pod pod = Read($$"""
            apiVersion: v1
            kind: Pod
            metadata: {name: a}
            spec: {containers: [{name: main, image: busybox, {{container}} }], {{spec}} }
            """);
        PodDefaults.Apply(pod);
        return pod;
    }
}
