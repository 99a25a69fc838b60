using System.Text.Json;

namespace PodAgent.EndToEnd.Harness;

/// <summary>Manifests of pods with one container named <c>c</c>.</summary>
internal static class PodYaml
{
    public const string Busybox = "podagent.local/busybox";

    /// <param name="name">The pod's name.</param>
    /// <param name="script">What the shell runs.</param>
    /// <param name="container">More fields of the container, not indented.</param>
    /// <param name="spec">More fields of the spec, not indented.</param>
    public static string Shell(string name, string script, string container = "", string spec = "") =>
        Of(name, $"command: [sh, -c, {JsonSerializer.Serialize(script)}]\n{container}", spec);

    /// <summary>A container that does nothing until it is ended.</summary>
    public static string Idle(string name, string container = "", string spec = "") => Of(name, "command: [sleep, infinity]\n" + container, spec);

    public static string Of(string name, string container, string spec = "", string image = Busybox) =>
        $"""
        apiVersion: v1
        kind: Pod
        metadata:
          name: {name}
        spec:
          terminationGracePeriodSeconds: 1
        {Indent(spec, 2)}
          containers:
            - name: c
              image: {image}
        {Indent(container, 6)}

        """;

    private static string Indent(string lines, int columns) =>
        string.Join('\n', lines.Split('\n').Where(line => line.Trim().Length > 0).Select(line => new string(' ', columns) + line));
}
