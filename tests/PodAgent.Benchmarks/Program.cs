using PodAgent.Benchmarks;
using PodAgent.Benchmarks.Floor;
using PodAgent.Benchmarks.Lifecycle;
using PodAgent.Benchmarks.Memory;
using PodAgent.Benchmarks.Reports;
using PodAgent.Benchmarks.Runtimes;
using PodAgent.Benchmarks.Throughput;

// usage: PodAgent.Benchmarks FOLDER-OF-PROGRAMS [--rounds=N] [--pods=N,N,N] [--parallel=N] [--no-throughput] [--no-containerd]; 0, or nothing after "=", leaves a part out
BenchmarkOptions options = BenchmarkOptions.Parse(args);
var report = new BenchmarkReport(options.Rounds);

FloorResult floor = await FloorMeasurement.RunAsync(options.Rounds);
report.Add(floor);

await using (PodAgentProcess agent = await PodAgentProcess.StartAsync(options.Programs))
{
    report.Add("podagent", await LifecycleBenchmark.RunAsync(agent, options.Rounds));
    report.AddPodStart(await PodStartBenchmark.RunAsync(agent, options.Rounds));
    await ParallelAsync("podagent", agent);
    if (options.WithThroughput)
    {
        report.AddThroughput("podagent", await ThroughputBenchmark.RunAsync(agent));
    }

    foreach (int pods in options.PodCounts)
    {
        report.Add(await PodMemory.MeasureAsync(agent, pods));
    }
}

if (options.WithContainerd)
{
    await using ContainerdProcess containerd = await ContainerdProcess.StartAsync();
    report.Add("containerd", await LifecycleBenchmark.RunAsync(containerd, options.Rounds));
    report.ContainerdVersion = containerd.Version;
    await ParallelAsync("containerd", containerd);
    if (options.WithThroughput)
    {
        report.AddThroughput("containerd", await ThroughputBenchmark.RunAsync(containerd));
    }
}

report.Write(Console.Out);

async Task ParallelAsync(string name, CriRuntimeProcess runtime)
{
    foreach (int atATime in options.ParallelPods == 0 ? [] : (int[])[4, 8])
    {
        report.AddParallel(name, await ParallelBenchmark.RunAsync(runtime, options.ParallelPods, atATime));
    }
}
