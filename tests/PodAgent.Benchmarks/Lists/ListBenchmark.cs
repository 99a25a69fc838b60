using System.Diagnostics;
using PodAgent.Api.Cri;
using PodAgent.Benchmarks.Runtimes;

namespace PodAgent.Benchmarks.Lists;

/// <summary>Lists with many containers, which kubelets ask for every second.</summary>
internal static class ListBenchmark
{
    private const int Containers = 500;
    private const int Sandboxes = 10;
    private const int Rounds = 50;

    public static async Task<IReadOnlyList<Measurement>> RunAsync(CriRuntimeProcess runtime)
    {
        var pods = new List<BenchmarkPod>();
        for (int i = 0; i < Sandboxes; i++)
        {
            pods.Add(await BenchmarkPod.StartAsync(runtime));
            for (int j = 0; j < Containers / Sandboxes; j++)
            {
                await pods[i].CreateAsync(stdin: false, "/bin/busybox", "sleep", "1000");
            }
        }

        double all = await MedianAsync(runtime, new ContainerFilter(), Containers);
        double some = await MedianAsync(runtime, new ContainerFilter { PodSandboxId = pods[0].Id }, Containers / Sandboxes);
        foreach (BenchmarkPod pod in pods)
        {
            await pod.DisposeAsync();
        }

        return [new($"list {Containers} containers", all, "ms"), new($"list {Containers / Sandboxes} of {Containers} by pod", some, "ms")];
    }

    private static async Task<double> MedianAsync(CriRuntimeProcess runtime, ContainerFilter filter, int expected)
    {
        var samples = new List<double>();
        for (int round = 0; round < Rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            ListContainersResponse response = await runtime.Runtime.ListContainersAsync(new ListContainersRequest { Filter = filter });
            samples.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            if (response.Containers.Count != expected)
            {
                throw new InvalidOperationException($"{response.Containers.Count} containers listed, not {expected}");
            }
        }

        return Samples.Median(samples);
    }
}
