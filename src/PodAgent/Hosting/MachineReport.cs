using Microsoft.Extensions.Logging;
using PodAgent.Linux.Probing;

namespace PodAgent.Hosting;

/// <summary>
/// Says once, at start, what this kernel lacks and what that costs; what works is not mentioned, and what nothing depends on neither.
/// <c>podctl doctor</c> shows the same and more at any time.
/// </summary>
internal static partial class MachineReport
{
    public static void Write(ILogger log)
    {
        MachineProbes.RemoveAbandoned();
        foreach (ProbeResult result in MachineProbes.Kernel.Select(probe => probe.Run()))
        {
            switch (result.Level)
            {
                case ProbeLevel.Missing:
                    log.Missing(result.Name, result.Detail, result.Cost, result.Remedy);
                    break;
                case ProbeLevel.Warning:
                    log.Lacking(result.Name, result.Detail, result.Cost);
                    break;
            }
        }
    }

    [LoggerMessage(20, LogLevel.Error, "{Name}: {Detail}; {Cost}. To get it: {Remedy}")]
    private static partial void Missing(this ILogger log, string name, string detail, string cost, string remedy);

    [LoggerMessage(21, LogLevel.Warning, "{Name}: {Detail}; {Cost}")]
    private static partial void Lacking(this ILogger log, string name, string detail, string cost);
}
