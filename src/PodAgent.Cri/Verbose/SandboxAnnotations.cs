using System.Text.Json;
using PodAgent.Cri.Stores;

namespace PodAgent.Cri.Verbose;

/// <summary>Which pod it is, under the names that containerd gave these annotations and tools read.</summary>
internal static class SandboxAnnotations
{
    public static void Write(Utf8JsonWriter json, SandboxRecord sandbox)
    {
        json.WriteString("io.kubernetes.cri.sandbox-id", sandbox.Id);
        json.WriteString("io.kubernetes.cri.sandbox-name", sandbox.Config.Metadata.Name);
        json.WriteString("io.kubernetes.cri.sandbox-namespace", sandbox.Config.Metadata.Namespace);
        json.WriteString("io.kubernetes.cri.sandbox-uid", sandbox.Config.Metadata.Uid);
    }
}
