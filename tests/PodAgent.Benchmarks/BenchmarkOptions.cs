using System.Globalization;
using PodAgent.Benchmarks.Runtimes;

namespace PodAgent.Benchmarks;

/// <summary>The command line.</summary>
/// <param name="Programs">Folder of the native programs.</param>
/// <param name="Rounds">How often each step of a pod is repeated.</param>
/// <param name="PodCounts">How many pods there are when memory is measured.</param>
/// <param name="ParallelPods">How many pods are started 4 and 8 at a time.</param>
/// <param name="Parts">What is measured.</param>
/// <param name="Containerd">The peer; null: none.</param>
internal sealed record BenchmarkOptions(
    string Programs, int Rounds, IReadOnlyList<int> PodCounts, int ParallelPods, IReadOnlySet<BenchmarkPart> Parts, ContainerdInstallation? Containerd)
{
    private const int DefaultRounds = 30;
    private const int DefaultParallelPods = 100;

    /// <exception cref="ArgumentException">An option that there is not, or a value that makes no sense.</exception>
    public static BenchmarkOptions Parse(string[] args)
    {
        string programs = "artifacts/bin-native";
        int rounds = DefaultRounds;
        IReadOnlyList<int> pods = [1, 20, 100];
        int parallel = DefaultParallelPods;
        IReadOnlySet<BenchmarkPart> parts = Enum.GetValues<BenchmarkPart>().ToHashSet();
        string? root = Environment.GetEnvironmentVariable("CONTAINERD_ROOT");
        bool beside = true;
        foreach (string argument in args)
        {
            string[] words = argument.Split('=', 2);
            string value = words.Length > 1 ? words[1] : "";
            switch (words[0])
            {
                case "--rounds":
                    rounds = Number(value);
                    break;
                case "--pods":
                    pods = [.. Words(value).Select(Number)];
                    break;
                case "--parallel":
                    parallel = Number(value);
                    break;
                case "--only":
                    parts = Words(value).Select(Part).ToHashSet();
                    break;
                case "--containerd-root":
                    root = value;
                    break;
                case "--no-containerd":
                    beside = false;
                    break;
                case var option when option.StartsWith("--", StringComparison.Ordinal):
                    throw new ArgumentException($"unknown option \"{option}\"");
                default:
                    programs = argument;
                    break;
            }
        }

        return new BenchmarkOptions(Path.GetFullPath(programs), rounds, pods, parallel, parts, beside ? ContainerdInstallation.Find(root) : null);
    }

    private static string[] Words(string value) => value.Split(',', StringSplitOptions.RemoveEmptyEntries);

    private static int Number(string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : throw new ArgumentException($"\"{value}\" is no number");

    private static BenchmarkPart Part(string name) => Enum.TryParse(name, ignoreCase: true, out BenchmarkPart part) && Enum.IsDefined(part)
        ? part
        : throw new ArgumentException($"no part \"{name}\"; there are {string.Join(", ", Enum.GetNames<BenchmarkPart>())}");
}
