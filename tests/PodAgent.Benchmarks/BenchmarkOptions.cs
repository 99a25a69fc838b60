using System.Globalization;

namespace PodAgent.Benchmarks;

/// <summary>The command line.</summary>
internal sealed record BenchmarkOptions(string Programs, int Rounds, IReadOnlyList<int> PodCounts, bool WithContainerd, int ParallelPods, bool WithThroughput)
{
    private const int DefaultRounds = 30;
    private const int DefaultParallelPods = 100;

    public static BenchmarkOptions Parse(string[] args)
    {
        string programs = args.FirstOrDefault(arg => !arg.StartsWith("--", StringComparison.Ordinal)) ?? "artifacts/bin-native";
        int rounds = int.Parse(Value(args, "--rounds") ?? $"{DefaultRounds}", CultureInfo.InvariantCulture);
        int[] pods = [.. (Value(args, "--pods") ?? "1,20,100").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(text => int.Parse(text, CultureInfo.InvariantCulture))];
        bool containerd = !args.Contains("--no-containerd") && File.Exists("/usr/bin/containerd");
        int parallel = int.Parse(Value(args, "--parallel") ?? $"{DefaultParallelPods}", CultureInfo.InvariantCulture);
        return new BenchmarkOptions(Path.GetFullPath(programs), rounds, pods, containerd, parallel, !args.Contains("--no-throughput"));
    }

    private static string? Value(string[] args, string name) =>
        args.Where(arg => arg.StartsWith(name + "=", StringComparison.Ordinal)).Select(arg => arg[(name.Length + 1)..]).FirstOrDefault();
}
