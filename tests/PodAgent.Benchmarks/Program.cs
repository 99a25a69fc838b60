using PodAgent.Benchmarks;
using PodAgent.Benchmarks.Floor;
using PodAgent.Benchmarks.Images;
using PodAgent.Benchmarks.Lifecycle;
using PodAgent.Benchmarks.Lists;
using PodAgent.Benchmarks.Logs;
using PodAgent.Benchmarks.Memory;
using PodAgent.Benchmarks.Reports;
using PodAgent.Benchmarks.Runtimes;
using PodAgent.Benchmarks.Streams;

// usage: PodAgent.Benchmarks [FOLDER-OF-PROGRAMS] [--only=PART,PART] [--rounds=N] [--pods=N,N,N] [--parallel=N] [--containerd-root=FOLDER | --no-containerd]
BenchmarkOptions options;
try
{
    options = BenchmarkOptions.Parse(args);
}
catch (ArgumentException wrong)
{
    Console.Error.WriteLine($"error: {wrong.Message}");
    return 2;
}

var report = new BenchmarkReport(options.Rounds);
if (Wants(BenchmarkPart.Floor))
{
    report.Floor = await FloorMeasurement.RunAsync(options.Rounds);
}

await using PodAgentProcess agent = await PodAgentProcess.StartAsync(options.Programs);
await using ContainerdProcess? containerd = options.Containerd is { } installation ? await ContainerdProcess.StartAsync(installation) : null;
report.ContainerdVersion = containerd?.Version;
try
{
    await MeasureAsync();
}
catch (Exception failure)
{
    // Told before the runtimes are taken down, which may fail for the same reason.
    Console.Error.WriteLine($"error: {failure}");
    return 1;
}

report.Write(Console.Out);
return 0;

async Task MeasureAsync()
{
    if (Wants(BenchmarkPart.Lifecycle))
    {
        await BesideAsync(async runtime =>
        {
            LifecycleResult result = await LifecycleBenchmark.RunAsync(runtime, options.Rounds);
            report.AddLifecycle(runtime.Name, result);
            return result.Comparable();
        });
    }

    if (Wants(BenchmarkPart.PodStart))
    {
        report.PodStart = await PodStartBenchmark.RunAsync(agent, options.Rounds);
    }

    if (Wants(BenchmarkPart.Parallel))
    {
        await BesideAsync(runtime => ParallelBenchmark.RunAsync(runtime, options.ParallelPods, [4, 8]));
    }

    if (Wants(BenchmarkPart.List))
    {
        await BesideAsync(ListBenchmark.RunAsync);
    }

    if (Wants(BenchmarkPart.Log))
    {
        await BesideAsync(LogBenchmark.RunAsync);
    }

    if (Wants(BenchmarkPart.Streams))
    {
        await BesideAsync(StreamBenchmark.RunAsync);
    }

    if (Wants(BenchmarkPart.Pull))
    {
        await using PullBenchmark pull = await PullBenchmark.PrepareAsync();
        await BesideAsync(pull.RunAsync);
    }

    if (Wants(BenchmarkPart.Memory))
    {
        foreach (int pods in options.PodCounts)
        {
            report.AddMemory(await PodMemory.MeasureAsync(agent, pods));
        }
    }
}

bool Wants(BenchmarkPart part) => options.Parts.Contains(part);

// One after the other, the same client for both.
async Task BesideAsync(Func<CriRuntimeProcess, Task<IReadOnlyList<Measurement>>> measure)
{
    foreach (CriRuntimeProcess runtime in containerd is null ? [agent] : (CriRuntimeProcess[])[agent, containerd])
    {
        IReadOnlyList<Measurement> measurements = await measure(runtime);
        report.Add(runtime.Name, measurements);
        foreach (Measurement measurement in measurements)
        {
            Console.Error.WriteLine($"{runtime.Name}: {measurement.What}: {measurement.Value:0.00} {measurement.Unit}");
        }
    }
}
