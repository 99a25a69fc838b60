using System.Globalization;

namespace PodAgent.Containers.Cgroups.V2;

/// <summary>io: io.weight or io.bfq.weight, io.max, io.stat.</summary>
internal static class IoController
{
    public static void Apply(ControllerDirectory directory, CgroupResources resources)
    {
        if (resources.IoWeight is { } weight and > 0)
        {
            ApplyWeight(directory, weight);
        }

        foreach (IoLimit limit in resources.IoLimits)
        {
            string values = Value("rbps", limit.ReadBytesPerSecond) + Value("wbps", limit.WriteBytesPerSecond)
                + Value("riops", limit.ReadOperationsPerSecond) + Value("wiops", limit.WriteOperationsPerSecond);
            if (values.Length > 0)
            {
                directory.Write("io.max", $"{limit.Major}:{limit.Minor}{values}");
            }
        }

        static string Value(string key, ulong? value) => value is null ? "" : $" {key}={value}";
    }

    public static IReadOnlyList<IoStats> Read(ControllerDirectory directory)
    {
        var devices = new List<IoStats>();
        foreach (string line in (directory.TryRead("io.stat") ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            string[] device = fields[0].Split(':');
            if (device.Length == 2 && long.TryParse(device[0], out long major) && long.TryParse(device[1], out long minor) && fields.Length > 1)
            {
                devices.Add(new IoStats(major, minor, Find("rbytes="), Find("wbytes="), Find("rios="), Find("wios=")));
            }

            ulong Find(string key) =>
                fields.FirstOrDefault(f => f.StartsWith(key, StringComparison.Ordinal)) is { } found
                && ulong.TryParse(found.AsSpan(key.Length), NumberStyles.None, CultureInfo.InvariantCulture, out ulong value) ? value : 0;
        }

        return devices;
    }

    /// <summary>io.weight counts 1..10000, where the specification's 10..1000 is spread over the whole range.</summary>
    public static ulong Weight(ushort weight) => 1 + (((ulong)weight - 10) * 9999 / 990);

    // BFQ counts 1..1000 like the specification.
    private static void ApplyWeight(ControllerDirectory directory, ushort weight)
    {
        if (directory.Has("io.bfq.weight"))
        {
            directory.Write("io.bfq.weight", (ulong)weight);
        }
        else if (directory.Has("io.weight"))
        {
            directory.Write("io.weight", Weight(weight));
        }
        else
        {
            throw directory.Missing("io", "the io weight (no weight-aware I/O scheduler)");
        }
    }
}
