using System.Diagnostics;
using PodAgent.Benchmarks.Runtimes;

namespace PodAgent.Benchmarks.Logs;

/// <summary>Containers that write lines as fast as they can, until the last one stands in the log; no line may be lost or out of order.</summary>
internal static class LogBenchmark
{
    private const int Rounds = 3;
    private const double Goal = 2;
    private static readonly (int Length, int Count)[] s_shapes = [(8, 1_000_000), (120, 500_000)];
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    public static async Task<IReadOnlyList<Measurement>> RunAsync(CriRuntimeProcess runtime)
    {
        var results = new List<Measurement>();
        foreach ((int length, int count) in s_shapes)
        {
            results.Add(new Measurement($"log, lines of {length} bytes", await MedianAsync(runtime, length, count), "MB/s", Goal));
        }

        return results;
    }

    private static async Task<double> MedianAsync(CriRuntimeProcess runtime, int length, int count)
    {
        // Where a runtime with a root of its own sees it, too.
        DirectoryInfo folder = Directory.CreateDirectory(Path.Combine(runtime.LogDirectory, "lines"));
        try
        {
            byte[] lines = NumberedLines.Make(length, count);
            await File.WriteAllBytesAsync(Path.Combine(folder.FullName, "lines"), lines);
            var samples = new List<double>();
            for (int round = 0; round < Rounds; round++)
            {
                samples.Add(await MeasureAsync(runtime, folder.FullName, lines));
            }

            return Samples.Median(samples);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<double> MeasureAsync(CriRuntimeProcess runtime, string folder, byte[] lines)
    {
        await using BenchmarkPod pod = await BenchmarkPod.StartAsync(runtime);
        (string container, string name) = await pod.CreateAsync(folder, "/bin/busybox", "cat", "/mounted/lines");
        string log = pod.LogFile(name);
        byte[] last = lines[^(lines.AsSpan()[..^1].Length - lines.AsSpan()[..^1].LastIndexOf((byte)'\n'))..];
        long start = Stopwatch.GetTimestamp();
        await pod.StartAsync(container);
        while (!NumberedLines.EndsWith(log, last))
        {
            await Task.Delay(2);
            if (Stopwatch.GetElapsedTime(start) > s_patience)
            {
                throw new InvalidOperationException($"the log {log} has {new FileInfo(log).Length} bytes and no last line after {s_patience}");
            }
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        NumberedLines.Check(log, lines);
        return lines.Length / seconds / 1e6;
    }
}
