using System.Text.Json;
using PodAgent.Api.Cri;
using PodAgent.Cri.Stores;
using Wire = PodAgent.Containers.Protocol;

namespace PodAgent.Cri.Verbose;

/// <summary>
/// Namespaces in the terms of the OCI runtime specification: one with a path is joined, one without is the container's own, an absent one the node's.
/// </summary>
internal static class NamespaceView
{
    /// <summary>Those of a container.</summary>
    public static void Write(Utf8JsonWriter json, Wire.ContainerSpec spec, SandboxRecord sandbox)
    {
        json.WriteStartArray("namespaces");
        if (spec.PidMode is not Wire.PidMode.PidHost)
        {
            Write(json, "pid", spec.PidMode == Wire.PidMode.PidPod ? sandbox : null);
        }

        WriteShared(json, sandbox);
        Write(json, "mount", null);
        Write(json, "cgroup", null);
        json.WriteEndArray();
        WriteMappings(json, sandbox);
    }

    /// <summary>Those of a pod.</summary>
    public static void Write(Utf8JsonWriter json, SandboxRecord sandbox)
    {
        json.WriteStartArray("namespaces");
        if (sandbox.Namespaces.Pid == NamespaceMode.Pod)
        {
            Write(json, "pid", sandbox);
        }

        WriteShared(json, sandbox);
        json.WriteEndArray();
        WriteMappings(json, sandbox);
    }

    private static void WriteShared(Utf8JsonWriter json, SandboxRecord sandbox)
    {
        if (sandbox.Namespaces.Ipc != NamespaceMode.Node)
        {
            Write(json, "ipc", sandbox);
        }

        if (sandbox.Namespaces.Network != NamespaceMode.Node)
        {
            Write(json, "network", sandbox);
        }

        Write(json, "uts", sandbox);
        if (sandbox.Owners is not null)
        {
            Write(json, "user", sandbox);
        }
    }

    private static void WriteMappings(Utf8JsonWriter json, SandboxRecord sandbox)
    {
        if (sandbox.Namespaces.UsernsOptions is { } users && sandbox.Owners is not null)
        {
            WriteMapping(json, "uidMappings", users.Uids);
            WriteMapping(json, "gidMappings", users.Gids);
        }
    }

    private static void Write(Utf8JsonWriter json, string type, SandboxRecord? pod)
    {
        json.WriteStartObject();
        json.WriteString("type", type);
        if (pod is { PausePid: > 0, State: PodSandboxState.SandboxReady })
        {
            json.WriteString("path", $"/proc/{pod.PausePid}/ns/{(type == "network" ? "net" : type)}");
        }

        json.WriteEndObject();
    }

    private static void WriteMapping(Utf8JsonWriter json, string name, IEnumerable<IDMapping> mappings)
    {
        json.WriteStartArray(name);
        foreach (IDMapping mapping in mappings)
        {
            json.WriteStartObject();
            json.WriteNumber("containerID", mapping.ContainerId);
            json.WriteNumber("hostID", mapping.HostId);
            json.WriteNumber("size", mapping.Length);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
