using PodAgent.Api.Documents;
using PodAgent.Cri.Ports;
using PodAgent.Linux;

namespace PodAgent.Cri.Cdi;

/// <summary>
/// The specifications in the node's directories, read when a container asks: vendors' tools write them at any time. A file in a later
/// directory wins over one in an earlier directory; two in one directory that both define a device make it unusable.
/// </summary>
internal sealed class CdiRegistry(IReadOnlyList<string> directories, IHostDevices hostDevices)
{
    private const long MaxFileBytes = 4 << 20;

    /// <summary>What the devices change together, in the order of their names.</summary>
    /// <exception cref="AgentException">InvalidArgument: a name is not one. NotFound, FailedPrecondition: no usable specification defines a
    /// device; says for each what is wrong.</exception>
    public CdiEdits Resolve(IReadOnlyList<string> names)
    {
        if (names.Count == 0)
        {
            return CdiEdits.None;
        }

        if (names.FirstOrDefault(name => !CdiDeviceNames.TrySplit(name, out _, out _)) is { } wrong)
        {
            throw new AgentException(ErrorKind.InvalidArgument, $"CDI device \"{wrong}\" is not a name like vendor.com/class=device");
        }

        var problems = new List<string>();
        List<(int Priority, CdiSpecification Specification)> all = ReadAll(problems);
        var missing = new List<string>();
        CdiEdits edits = CdiEdits.None;
        var common = new HashSet<CdiSpecification>();
        foreach (string name in names)
        {
            CdiDeviceNames.TrySplit(name, out string kind, out string device);
            var defining = all.Where(each => each.Specification.Kind == kind && each.Specification.Devices.ContainsKey(device)).ToList();
            var best = defining.Where(each => each.Priority == defining.Max(other => other.Priority)).Select(each => each.Specification).ToList();
            if (best.Count != 1)
            {
                missing.Add(best.Count == 0
                    ? $"CDI device \"{name}\" is not defined in {string.Join(" or ", directories)}"
                    : $"CDI device \"{name}\" is defined twice: in \"{best[0].Path}\" and in \"{best[1].Path}\"");
                continue;
            }

            edits = common.Add(best[0]) ? edits.Append(best[0].Common) : edits;
            edits = edits.Append(best[0].Devices[device]);
        }

        return missing.Count == 0
            ? edits
            : throw new AgentException(
                problems.Count == 0 ? ErrorKind.NotFound : ErrorKind.FailedPrecondition, string.Join("; ", missing.Concat(problems)));
    }

    private List<(int Priority, CdiSpecification Specification)> ReadAll(List<string> problems)
    {
        var found = new List<(int, CdiSpecification)>();
        for (int priority = 0; priority < directories.Count; priority++)
        {
            if (!Directory.Exists(directories[priority]))
            {
                continue;
            }

            foreach (string path in Directory.EnumerateFiles(directories[priority]).Order(StringComparer.Ordinal))
            {
                if (Path.GetExtension(path) is ".json" or ".yaml" or ".yml" && TryRead(path, problems) is { } specification)
                {
                    found.Add((priority, specification));
                }
            }
        }

        return found;
    }

    private CdiSpecification? TryRead(string path, List<string> problems)
    {
        try
        {
            if (new FileInfo(path).Length > MaxFileBytes)
            {
                problems.Add($"\"{path}\" is larger than {MaxFileBytes} bytes");
                return null;
            }

            byte[] content = File.ReadAllBytes(path);
            return CdiSpecificationReader.Read(path, path.EndsWith(".json", StringComparison.Ordinal) ? content : YamlDocument.ToJson(content), hostDevices);
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException or FormatException or AgentException)
        {
            problems.Add($"\"{path}\" cannot be used: {unusable.Message}");
            return null;
        }
    }
}
