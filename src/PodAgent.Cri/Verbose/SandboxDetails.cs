using System.Buffers;
using System.Text;
using System.Text.Json;
using PodAgent.Api.Cri;
using PodAgent.Api.Json;
using PodAgent.Cri.Stores;

namespace PodAgent.Cri.Verbose;

/// <summary>A sandbox's verbose answer, in the shape that <c>crictl inspectp</c> shows of containerd.</summary>
internal static class SandboxDetails
{
    /// <summary>A JSON object with <c>pid</c>, <c>processStatus</c>, <c>config</c> and <c>runtimeSpec</c>, and what is this runtime's own.</summary>
    public static string Write(SandboxRecord record, string directory)
    {
        bool ready = record.State == PodSandboxState.SandboxReady;
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("pid", record.PausePid);
            json.WriteString("processStatus", ready ? "running" : "deleted");
            json.WriteBoolean("netNamespaceClosed", !ready);
            json.WriteString("runtimeHandler", record.RuntimeHandler);
            json.WriteString("directory", directory);
            json.WriteString("cgroup", record.CgroupParent);
            json.WriteString("netNamespace", ready ? $"/proc/{record.PausePid}/ns/net" : "");
            json.WritePropertyName("config");
            FieldNameJson.Write(json, record.Config);
            WriteSpec(json, record);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteSpec(Utf8JsonWriter json, SandboxRecord record)
    {
        json.WriteStartObject("runtimeSpec");
        json.WriteString("ociVersion", RuntimeSpecView.Version);
        json.WriteString("hostname", record.Config.Hostname);
        json.WriteStartObject("annotations");
        json.WriteString("io.kubernetes.cri.container-type", "sandbox");
        SandboxAnnotations.Write(json, record);
        json.WriteEndObject();
        json.WriteStartObject("linux");
        json.WriteStartObject("sysctl");
        IEnumerable<KeyValuePair<string, string>> sysctls = record.Config.Linux is { } linux ? linux.Sysctls : [];
        foreach ((string name, string value) in sysctls.OrderBy(sysctl => sysctl.Key, StringComparer.Ordinal))
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
        json.WriteString("cgroupsPath", "/" + record.PauseCgroup);
        NamespaceView.Write(json, record);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
