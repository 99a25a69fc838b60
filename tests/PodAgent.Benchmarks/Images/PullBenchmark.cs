using System.Diagnostics;
using System.Globalization;
using PodAgent.Api.Cri;
using PodAgent.Benchmarks.Runtimes;

namespace PodAgent.Benchmarks.Images;

/// <summary>An image from the registry into a runtime that has nothing of it: PullImage answers when it is unpacked.</summary>
internal sealed class PullBenchmark : IAsyncDisposable
{
    private const int Rounds = 5;
    private const double Goal = 2;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly List<(SampleImage Image, IReadOnlyList<string> Layers, long Bytes)> _images = [];
    private DockerRegistry? _registry;

    public static async Task<PullBenchmark> PrepareAsync()
    {
        var benchmark = new PullBenchmark { _registry = await DockerRegistry.StartAsync() };
        foreach (SampleImage image in (SampleImage[])[SampleImage.ManySmallFiles, SampleImage.FewBigFiles])
        {
            (IReadOnlyList<string> layers, long bytes) = await image.PushAsync(benchmark._registry);
            benchmark._images.Add((image, layers, bytes));
        }

        return benchmark;
    }

    public async Task<IReadOnlyList<Measurement>> RunAsync(CriRuntimeProcess runtime)
    {
        var results = new List<Measurement>();
        foreach ((SampleImage image, IReadOnlyList<string> layers, long bytes) in _images)
        {
            string reference = $"{_registry!.Authority}/{image.Name}:1";
            var samples = new List<double>();
            for (int round = -1; round < Rounds; round++)
            {
                long start = Stopwatch.GetTimestamp();
                await runtime.Images.PullImageAsync(new PullImageRequest { Image = new ImageSpec { Image = reference } });
                if (round >= 0)
                {
                    samples.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
                }
                else
                {
                    await CheckAsync(runtime, image, reference);
                }

                await RemoveAsync(runtime, reference, layers);
            }

            results.Add(new Measurement($"pull {bytes / 1e6:0} MB, {image.Files} files", Samples.Median(samples), "s", Goal));
        }

        return results;
    }

    public ValueTask DisposeAsync() => _registry?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static async Task CheckAsync(CriRuntimeProcess runtime, SampleImage image, string reference)
    {
        await using BenchmarkPod pod = await BenchmarkPod.StartAsync(runtime);
        (string container, _) = await pod.CreateFromAsync(reference, "/bin/busybox", "sleep", "1000");
        await pod.StartAsync(container);
        string found = await pod.ExecAsync(container, "/bin/busybox", "sh", "-c", "/bin/busybox find /data -type f | /bin/busybox wc -l");
        if (int.Parse(found, CultureInfo.InvariantCulture) != image.Files)
        {
            throw new InvalidOperationException($"{reference} has {found} files, not {image.Files}");
        }
    }

    // The next round begins with nothing of it left, and with nothing left to be written to the disk.
    private static async Task RemoveAsync(CriRuntimeProcess runtime, string reference, IReadOnlyList<string> layers)
    {
        await runtime.Images.RemoveImageAsync(new RemoveImageRequest { Image = new ImageSpec { Image = reference } });
        using var limit = new CancellationTokenSource(s_patience);
        while (layers.Any(layer => File.Exists(Path.Combine(runtime.Blobs, layer["sha256:".Length..]))))
        {
            await Task.Delay(20, limit.Token);
        }

        // Both remove what was unpacked behind the answer.
        await Task.Delay(TimeSpan.FromSeconds(1));
        await Tool.RunAsync("sync");
    }
}
