using System.Text.Json;
using PodAgent.Cri.Ports;
using PodAgent.Linux;
using Wire = PodAgent.Containers.Protocol;

namespace PodAgent.Cri.Cdi;

/// <summary>Reads a specification. Edits that this runtime cannot carry out make the file unusable: half a device is worse than none.</summary>
internal sealed class CdiSpecificationReader(IHostDevices hostDevices)
{
    private static readonly Version s_newest = new(1, 1, 0);

    /// <exception cref="AgentException">InvalidArgument, Unimplemented: says where and what.</exception>
    public static CdiSpecification Read(string path, byte[] json, IHostDevices hostDevices)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 16 });
            return new CdiSpecificationReader(hostDevices).Read(path, document.RootElement);
        }
        catch (JsonException malformed)
        {
            throw Invalid($"line {malformed.LineNumber + 1}: not JSON");
        }
        catch (Exception wrongKind) when (wrongKind is InvalidOperationException or FormatException)
        {
            throw Invalid($"a value has the wrong type: {wrongKind.Message}");
        }
    }

    private CdiSpecification Read(string path, JsonElement root)
    {
        string version = Text(root, "cdiVersion");
        if (!Version.TryParse(version, out Version? known) || known > s_newest)
        {
            throw Invalid($"cdiVersion \"{version}\" is not known; the newest known is {s_newest}");
        }

        string kind = Text(root, "kind");
        if (!CdiDeviceNames.IsKind(kind))
        {
            throw Invalid($"kind \"{kind}\" is not of the form vendor.com/class");
        }

        var devices = new Dictionary<string, CdiEdits>(StringComparer.Ordinal);
        foreach (JsonElement device in List(root, "devices"))
        {
            string name = Text(device, "name");
            if (!CdiDeviceNames.IsDevice(name) || !devices.TryAdd(name, Edits(device)))
            {
                throw Invalid($"device name \"{name}\" is not valid or given twice");
            }
        }

        return new CdiSpecification(path, kind, Edits(root), devices);
    }

    private CdiEdits Edits(JsonElement owner)
    {
        if (!owner.TryGetProperty("containerEdits", out JsonElement edits))
        {
            return CdiEdits.None;
        }

        foreach (string refused in new[] { "hooks", "intelRdt", "netDevices" })
        {
            if (edits.TryGetProperty(refused, out JsonElement value) && value.ValueKind is not JsonValueKind.Null && (value.ValueKind is not JsonValueKind.Array || value.GetArrayLength() > 0))
            {
                throw new AgentException(ErrorKind.Unimplemented, $"containerEdits.{refused} is not supported: this runtime runs no OCI hooks and no foreign programs at container creation");
            }
        }

        return new CdiEdits
        {
            Environment = [.. List(edits, "env").Select(variable => variable.GetString() is { } text && text.IndexOf('=', StringComparison.Ordinal) > 0 ? text : throw Invalid($"env \"{variable}\" is not NAME=value"))],
            Devices = [.. List(edits, "deviceNodes").Select(Device)],
            Mounts = [.. List(edits, "mounts").Select(Mount)],
            Groups = [.. List(edits, "additionalGids").Select(gid => gid.GetUInt32()).Where(gid => gid != 0)],
        };
    }

    private (Wire.Device Device, string Access) Device(JsonElement node)
    {
        string path = Absolute(node, "path");
        string hostPath = Text(node, "hostPath", path);
        string access = Text(node, "permissions", "rwm");
        if (access.Length == 0 || access.Any(letter => !"rwm".Contains(letter, StringComparison.Ordinal)))
        {
            throw Invalid($"permissions \"{access}\" of \"{path}\"");
        }

        // What the file does not say, the node's own device does.
        string type = Text(node, "type", "");
        bool complete = type.Length > 0 && node.TryGetProperty("major", out _) && node.TryGetProperty("minor", out _);
        HostDevice? host = complete ? null : hostDevices.Read(hostPath) is [var only] ? only : throw Invalid($"\"{hostPath}\" is not one device");
        return (new Wire.Device
        {
            Path = path,
            Type = host is null ? type : host.Type.ToString(),
            Major = host?.Major ?? node.GetProperty("major").GetInt64(),
            Minor = host?.Minor ?? node.GetProperty("minor").GetInt64(),
            Mode = Number(node, "fileMode") ?? host?.Mode ?? 0x1B6 /* 0666 */,
            Uid = Number(node, "uid") ?? host?.Uid ?? 0,
            Gid = Number(node, "gid") ?? host?.Gid ?? 0,
        }, access);
    }

    private static Wire.Mount Mount(JsonElement mount)
    {
        string type = Text(mount, "type", "bind");
        string source = Absolute(mount, "hostPath");
        IEnumerable<string> options = List(mount, "options").Select(option => option.GetString() ?? "");
        if (type is not ("bind" or "none" or ""))
        {
            throw Invalid($"mount type \"{type}\" at \"{Text(mount, "containerPath")}\"");
        }

        string[] words = [.. options.Where(word => word is not ("bind" or "rbind"))];
        return new Wire.Mount { Destination = Absolute(mount, "containerPath"), Type = "bind", Source = source, Options = { "rbind", words } };
    }

    private static IEnumerable<JsonElement> List(JsonElement owner, string name) =>
        owner.TryGetProperty(name, out JsonElement list) && list.ValueKind != JsonValueKind.Null ? list.EnumerateArray() : [];

    private static string Text(JsonElement owner, string name, string? otherwise = null) =>
        owner.TryGetProperty(name, out JsonElement value) && value.GetString() is { } text ? text : otherwise ?? throw Invalid($"{name}: required");

    private static uint? Number(JsonElement owner, string name) =>
        owner.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null
            ? value.TryGetUInt32(out uint number) ? number : throw Invalid($"{name}: {value} is not a number")
            : null;

    private static string Absolute(JsonElement owner, string name) =>
        Text(owner, name) is ['/', ..] path && !path.Contains('\0') ? path : throw Invalid($"{name}: not an absolute path");

    private static AgentException Invalid(string problem) => new(ErrorKind.InvalidArgument, problem);
}
