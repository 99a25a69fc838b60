using System.Globalization;
using PodAgent.Benchmarks.Runtimes;

namespace PodAgent.Benchmarks.Floor;

/// <summary>Compiles and runs floor.c: the same pod made by the kernel alone.</summary>
internal static class FloorMeasurement
{
    public static async Task<FloorResult> RunAsync(int rounds)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("podagent-bench-floor-");
        try
        {
            string source = Path.Combine(RepositoryRoot.Path, "tests", "PodAgent.Benchmarks", "Floor", "floor.c");
            string program = Path.Combine(folder.FullName, "floor");
            await Tool.RunAsync("cc", "-O2", "-o", program, source);
            string output = await Tool.RunAsync(program, "/bin/busybox", rounds.ToString(CultureInfo.InvariantCulture));
            double[][] lines =
            [
                .. output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                    .Select(line => line.Split(' ').Select(word => long.Parse(word, CultureInfo.InvariantCulture) / 1000.0).ToArray()),
            ];
            double Median(int column) => Samples.Median(lines.Select(line => line[column]));
            return new FloorResult(Median(0), Median(1), Median(2), Median(3));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
