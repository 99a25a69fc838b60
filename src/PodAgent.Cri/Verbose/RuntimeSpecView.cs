using System.Text.Json;
using PodAgent.Api.Cri;
using PodAgent.Containers.Security;
using PodAgent.Cri.Stores;
using Wire = PodAgent.Containers.Protocol;

namespace PodAgent.Cri.Verbose;

/// <summary>
/// What a container runs with, in the terms of the OCI runtime specification, for verbose answers: no such file exists, but it is what people and
/// tools look for under <c>.info.runtimeSpec</c>. Seccomp stands as a compiled program in the specification, and is therefore left out.
/// </summary>
internal static class RuntimeSpecView
{
    /// <summary>Of the specification in whose terms is spoken.</summary>
    public const string Version = "1.2.1";

    /// <summary>Names of RLIMIT_*, in the order of their numbers (asm-generic/resource.h).</summary>
    private static readonly string[] s_rlimits =
    [
        "CPU", "FSIZE", "DATA", "STACK", "CORE", "RSS", "NPROC", "NOFILE", "MEMLOCK", "AS", "LOCKS", "SIGPENDING", "MSGQUEUE", "NICE", "RTPRIO", "RTTIME",
    ];

    public static void Write(Utf8JsonWriter json, ContainerRecord record, SandboxRecord sandbox)
    {
        json.WriteStartObject();
        json.WriteString("ociVersion", Version);
        WriteProcess(json, record.Spec.Process);
        json.WriteStartObject("root");
        json.WriteString("path", "rootfs");
        json.WriteBoolean("readonly", record.Spec.ReadonlyRootfs);
        json.WriteEndObject();
        WriteMounts(json, record.Spec.Mounts);
        WriteAnnotations(json, record, sandbox);
        json.WriteStartObject("linux");
        WriteResources(json, record.Resources);
        json.WriteString("cgroupsPath", "/" + record.Cgroup);
        NamespaceView.Write(json, record.Spec, sandbox);
        WriteDevices(json, record.Spec.Devices);
        json.WriteString("rootfsPropagation", record.Spec.RootPropagation);
        JsonLists.Write(json, "maskedPaths", record.Spec.MaskedPaths);
        JsonLists.Write(json, "readonlyPaths", record.Spec.ReadonlyPaths);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteProcess(Utf8JsonWriter json, Wire.ProcessSpec process)
    {
        json.WriteStartObject("process");
        if (process.Tty)
        {
            json.WriteBoolean("terminal", true);
        }

        json.WriteStartObject("user");
        json.WriteNumber("uid", process.Uid);
        json.WriteNumber("gid", process.Gid);
        json.WriteStartArray("additionalGids");
        foreach (uint group in process.AdditionalGids)
        {
            json.WriteNumberValue(group);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        JsonLists.Write(json, "args", process.Args);
        JsonLists.Write(json, "env", process.Env);
        json.WriteString("cwd", process.WorkingDir);
        Wire.Capabilities capabilities = process.Capabilities ?? new Wire.Capabilities();
        json.WriteStartObject("capabilities");
        JsonLists.Write(json, "bounding", Names(capabilities.Bounding));
        JsonLists.Write(json, "effective", Names(capabilities.Effective));
        JsonLists.Write(json, "permitted", Names(capabilities.Permitted));
        JsonLists.Write(json, "ambient", Names(capabilities.Ambient));
        json.WriteEndObject();
        json.WriteStartArray("rlimits");
        foreach (Wire.Rlimit limit in process.Rlimits)
        {
            json.WriteStartObject();
            json.WriteString("type", "RLIMIT_" + s_rlimits[limit.Resource]);
            json.WriteNumber("hard", limit.Hard);
            json.WriteNumber("soft", limit.Soft);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteBoolean("noNewPrivileges", process.NoNewPrivileges);
        if (process.ApparmorProfile.Length > 0)
        {
            json.WriteString("apparmorProfile", process.ApparmorProfile);
        }

        if (process.HasOomScoreAdj)
        {
            json.WriteNumber("oomScoreAdj", process.OomScoreAdj);
        }

        json.WriteEndObject();
    }

    private static IEnumerable<string> Names(ulong capabilities) => new CapabilitySet(capabilities).Names;

    private static void WriteMounts(Utf8JsonWriter json, IEnumerable<Wire.Mount> mounts)
    {
        json.WriteStartArray("mounts");
        foreach (Wire.Mount mount in mounts)
        {
            json.WriteStartObject();
            json.WriteString("destination", mount.Destination);
            json.WriteString("type", mount.Type);
            json.WriteString("source", mount.Source);
            JsonLists.Write(json, "options", mount.Options);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    // Names that containerd gave them, which tools read.
    private static void WriteAnnotations(Utf8JsonWriter json, ContainerRecord record, SandboxRecord sandbox)
    {
        json.WriteStartObject("annotations");
        json.WriteString("io.kubernetes.cri.container-name", record.Name);
        json.WriteString("io.kubernetes.cri.container-type", "container");
        ImageSpec image = record.Config.Image;
        json.WriteString("io.kubernetes.cri.image-name", image.UserSpecifiedImage.Length > 0 ? image.UserSpecifiedImage : image.Image);
        SandboxAnnotations.Write(json, sandbox);
        json.WriteEndObject();
    }

    private static void WriteDevices(Utf8JsonWriter json, IEnumerable<Wire.Device> devices)
    {
        json.WriteStartArray("devices");
        foreach (Wire.Device device in devices)
        {
            json.WriteStartObject();
            json.WriteString("path", device.Path);
            json.WriteString("type", device.Type);
            json.WriteNumber("major", device.Major);
            json.WriteNumber("minor", device.Minor);
            json.WriteNumber("fileMode", device.Mode);
            json.WriteNumber("uid", device.Uid);
            json.WriteNumber("gid", device.Gid);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteResources(Utf8JsonWriter json, LinuxContainerResources? resources)
    {
        json.WriteStartObject("resources");
        if (resources is not null)
        {
            json.WriteStartObject("memory");
            JsonLists.WriteUnlessZero(json, "limit", resources.MemoryLimitInBytes);
            JsonLists.WriteUnlessZero(json, "swap", resources.MemorySwapLimitInBytes);
            json.WriteEndObject();
            json.WriteStartObject("cpu");
            JsonLists.WriteUnlessZero(json, "shares", resources.CpuShares);
            JsonLists.WriteUnlessZero(json, "quota", resources.CpuQuota);
            JsonLists.WriteUnlessZero(json, "period", resources.CpuPeriod);
            JsonLists.WriteUnlessEmpty(json, "cpus", resources.CpusetCpus);
            JsonLists.WriteUnlessEmpty(json, "mems", resources.CpusetMems);
            json.WriteEndObject();
            json.WriteStartArray("hugepageLimits");
            foreach (HugepageLimit limit in resources.HugepageLimits)
            {
                json.WriteStartObject();
                json.WriteString("pageSize", limit.PageSize);
                json.WriteNumber("limit", limit.Limit);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartObject("unified");
            foreach ((string file, string value) in resources.Unified.OrderBy(entry => entry.Key, StringComparer.Ordinal))
            {
                json.WriteString(file, value);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
