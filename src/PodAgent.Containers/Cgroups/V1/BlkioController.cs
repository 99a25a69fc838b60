using System.Globalization;

namespace PodAgent.Containers.Cgroups.V1;

/// <summary>blkio: weight (with the BFQ scheduler) and throttling.</summary>
internal static class BlkioController
{
    public static void Apply(ControllerDirectory directory, CgroupResources resources)
    {
        if (resources.IoWeight is { } weight and > 0)
        {
            string file = directory.Has("blkio.weight") ? "blkio.weight" : "blkio.bfq.weight";
            if (!directory.Has(file))
            {
                throw directory.Missing("blkio", "the io weight (no weight-aware I/O scheduler)");
            }

            directory.Write(file, (ulong)weight);
        }

        foreach (IoLimit limit in resources.IoLimits)
        {
            Throttle("blkio.throttle.read_bps_device", limit.ReadBytesPerSecond);
            Throttle("blkio.throttle.write_bps_device", limit.WriteBytesPerSecond);
            Throttle("blkio.throttle.read_iops_device", limit.ReadOperationsPerSecond);
            Throttle("blkio.throttle.write_iops_device", limit.WriteOperationsPerSecond);

            void Throttle(string file, ulong? value)
            {
                if (value is not null)
                {
                    directory.Write(file, $"{limit.Major}:{limit.Minor} {value}");
                }
            }
        }
    }

    public static IReadOnlyList<IoStats> Read(ControllerDirectory directory)
    {
        var devices = new Dictionary<(long Major, long Minor), IoStats>();
        Add("blkio.throttle.io_service_bytes_recursive", (s, read, value) => read ? s with { ReadBytes = value } : s with { WriteBytes = value });
        Add("blkio.throttle.io_serviced_recursive", (s, read, value) => read ? s with { ReadOperations = value } : s with { WriteOperations = value });
        return [.. devices.Values];

        // Lines: "<major>:<minor> <operation> <value>", and a total without operation.
        void Add(string file, Func<IoStats, bool, ulong, IoStats> change)
        {
            foreach (string line in (directory.TryRead(file) ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                string[] fields = line.Split(' ', ':');
                if (fields.Length == 4 && fields[2] is ("Read" or "Write")
                    && long.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out long major)
                    && long.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out long minor)
                    && ulong.TryParse(fields[3], NumberStyles.None, CultureInfo.InvariantCulture, out ulong value))
                {
                    IoStats stats = devices.GetValueOrDefault((major, minor)) ?? new IoStats(major, minor, 0, 0, 0, 0);
                    devices[(major, minor)] = change(stats, fields[2] == "Read", value);
                }
            }
        }
    }
}
