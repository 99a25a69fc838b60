using System.Globalization;
using PodAgent.Cli.Output;

namespace PodAgent.Cli.Statistics;

/// <summary>The table of <c>podctl stats</c>.</summary>
internal static class UsageTable
{
    /// <summary>Makes it.</summary>
    /// <param name="earlier">The sample before, which processor time is counted from; may lack some, and be empty.</param>
    /// <param name="now">What is shown.</param>
    /// <param name="perContainer">With a column for the container.</param>
    /// <param name="withNamespace">With a column for the namespace.</param>
    public static TextTable Make(IReadOnlyList<UsageSample> earlier, IReadOnlyList<UsageSample> now, bool perContainer, bool withNamespace)
    {
        List<string> headings = ["CPU %", "MEM", "LIMIT", "MEM %"];
        headings.InsertRange(0, perContainer ? ["POD", "CONTAINER"] : ["POD"]);
        headings.AddRange(perContainer ? [] : ["NET RX", "NET TX", "PIDS"]);
        if (withNamespace)
        {
            headings.Insert(0, "NAMESPACE");
        }

        var table = new TextTable([.. headings]);
        foreach (UsageSample sample in now)
        {
            List<Cell> cells =
            [
                Processor(earlier.FirstOrDefault(before => before.Id == sample.Id), sample),
                ByteSize.Format(sample.WorkingSetBytes),
                sample.MemoryLimitBytes is { } limit ? ByteSize.Format(limit) : "-",
                sample.MemoryLimitBytes is { } most and > 0 ? Number(100.0 * sample.WorkingSetBytes / most) : "-",
            ];
            cells.InsertRange(0, perContainer ? [sample.Pod, sample.Container] : [sample.Pod]);
            if (!perContainer)
            {
                cells.Add(sample.Network is { } network ? ByteSize.Format(network.Received) : "-");
                cells.Add(sample.Network is { } same ? ByteSize.Format(same.Sent) : "-");
                cells.Add(sample.Processes is { } processes ? processes.ToString(CultureInfo.InvariantCulture) : "-");
            }

            if (withNamespace)
            {
                cells.Insert(0, sample.Namespace);
            }

            table.Add([.. cells]);
        }

        return table;
    }

    // 100 is one processor, as top(1) counts.
    private static string Processor(UsageSample? before, UsageSample after) =>
        before is null || after.Timestamp <= before.Timestamp || after.CpuNanoseconds < before.CpuNanoseconds
            ? "-"
            : Number(100.0 * (after.CpuNanoseconds - before.CpuNanoseconds) / (after.Timestamp - before.Timestamp));

    private static string Number(double value) => value.ToString("0.0", CultureInfo.InvariantCulture);
}
