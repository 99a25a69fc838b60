using System.Buffers;
using System.Text;
using System.Text.Json;
using PodAgent.Api.Json;
using PodAgent.Cri.Stores;

namespace PodAgent.Cri.Verbose;

/// <summary>A container's verbose answer: what a person who looks for a fault wants beside the status, in the shape that <c>crictl inspect</c> shows of containerd.</summary>
internal static class ContainerDetails
{
    /// <summary>A JSON object with <c>sandboxID</c>, <c>pid</c>, <c>config</c> and <c>runtimeSpec</c>, and what is this runtime's own.</summary>
    public static string Write(ContainerRecord record, SandboxRecord sandbox)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("sandboxID", record.SandboxId);
            json.WriteNumber("pid", record.Pid);
            json.WriteString("cgroup", record.Cgroup);
            json.WriteNumber("stopSignal", record.StopSignal);
            json.WriteBoolean("seccomp", record.Spec.Process.Seccomp.Length > 0);
            json.WriteString("runtimeHandler", sandbox.RuntimeHandler);
            json.WritePropertyName("config");
            FieldNameJson.Write(json, record.Config);
            json.WritePropertyName("runtimeSpec");
            RuntimeSpecView.Write(json, record, sandbox);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
