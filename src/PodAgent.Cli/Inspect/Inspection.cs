using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using PodAgent.Api.Core;
using PodAgent.Api.Cri;
using PodAgent.Api.Json;
using PodAgent.Linux;
using PodAgent.Linux.Files;

namespace PodAgent.Cli.Inspect;

/// <summary>A pod with its sandbox and containers, or one container, as JSON: what the engine, the runtime and the kernel know.</summary>
internal sealed class Inspection
{
    private static readonly string[] s_namespaces = ["cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"];

    public Pod? Pod { get; init; }

    public PodSandboxStatusResponse? Sandbox { get; init; }

    public IReadOnlyList<ContainerStatusResponse> Containers { get; init; } = [];

    /// <summary>Only this one, without its pod.</summary>
    public ContainerStatusResponse? Container { get; init; }

    public string ToJson() => Write(ToNode());

    /// <summary>Several as a list.</summary>
    public static string ToJson(IEnumerable<Inspection> inspections)
    {
        var list = new JsonArray();
        foreach (Inspection inspection in inspections)
        {
            list.Add((JsonNode)inspection.ToNode());
        }

        return Write(list);
    }

    private JsonObject ToNode()
    {
        if (Container is not null)
        {
            return Describe(KubernetesJson.Write(Container.Status), Container.Info);
        }

        var result = new JsonObject();
        if (Pod is not null)
        {
            result["pod"] = JsonNode.Parse(KubernetesJson.Write(Pod));
        }

        if (Sandbox is not null)
        {
            result["sandbox"] = Describe(KubernetesJson.Write(Sandbox.Status), Sandbox.Info);
            var containers = new JsonArray();
            foreach (ContainerStatusResponse container in Containers)
            {
                containers.Add((JsonNode)Describe(KubernetesJson.Write(container.Status), container.Info));
            }

            result["containers"] = containers;
        }

        return result;
    }

    /// <summary>A status, what the runtime adds to it, and the namespaces of the process.</summary>
    internal static JsonObject Describe(string status, IEnumerable<KeyValuePair<string, string>> info)
    {
        var result = new JsonObject { ["status"] = JsonNode.Parse(status) };
        int pid = 0;
        foreach ((string name, string text) in info.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            JsonNode? value = Parse(text);
            result[name] = value;
            if (value is JsonObject known && known["pid"] is JsonValue number && number.TryGetValue(out int told))
            {
                pid = told;
            }
        }

        if (pid > 0 && Namespaces(pid) is { Count: > 0 } namespaces)
        {
            result["namespaces"] = namespaces;
        }

        return result;
    }

    private static JsonObject Namespaces(int pid)
    {
        var result = new JsonObject();
        foreach (string kind in s_namespaces)
        {
            string path = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/ns/{kind}");
            if (Link(path) is { } identity)
            {
                result[kind] = new JsonObject { ["id"] = identity, ["path"] = path };
            }
        }

        return result;
    }

    // Not there: the process has ended, or the kernel lacks the kind. Not allowed: podctl does not run as root.
    private static string? Link(string path)
    {
        try
        {
            return FileTree.TryReadLink(path) is { } link ? Encoding.UTF8.GetString(link) : null;
        }
        catch (LinuxException)
        {
            return null;
        }
    }

    private static JsonNode? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            // CRI leaves the form to the runtime.
            return JsonValue.Create(text);
        }
    }

    private static string Write(JsonNode node)
    {
        using var buffer = new MemoryStream();
        var options = new JsonWriterOptions { Indented = true, IndentSize = 4, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var writer = new Utf8JsonWriter(buffer, options))
        {
            node.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}
