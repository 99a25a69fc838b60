using System.Diagnostics;
using PodAgent.Api.Cri;
using PodAgent.Benchmarks.Runtimes;

namespace PodAgent.Benchmarks.Throughput;

/// <summary>Lists of many containers, output to log files, and bytes through the streaming server: the same client for every runtime.</summary>
internal static class ThroughputBenchmark
{
    private const int Containers = 500;
    private const int Sandboxes = 10;
    private const int ListRounds = 20;
    private const int LogLines = 3_000_000;
    private const int FirstLine = 1_000_000;
    private const int StreamMegabytes = 512;
    private const int Port = 8080;

    public static async Task<IReadOnlyList<ThroughputResult>> RunAsync(CriRuntimeProcess runtime) =>
    [
        .. await ListAsync(runtime),
        await LogAsync(runtime),
        await ExecAsync(runtime),
        await AttachAsync(runtime),
        await PortForwardAsync(runtime),
    ];

    private static async Task<IReadOnlyList<ThroughputResult>> ListAsync(CriRuntimeProcess runtime)
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

        double all = await MedianAsync(async () => await runtime.Runtime.ListContainersAsync(new ListContainersRequest()));
        var filter = new ContainerFilter { PodSandboxId = pods[0].Id };
        double some = await MedianAsync(async () => await runtime.Runtime.ListContainersAsync(new ListContainersRequest { Filter = filter }));
        foreach (BenchmarkPod pod in pods)
        {
            await pod.DisposeAsync();
        }

        return [new($"list {Containers} containers", all, "ms"), new($"list {Containers / Sandboxes} of {Containers} by pod", some, "ms")];
    }

    private static async Task<double> MedianAsync(Func<Task> call)
    {
        var samples = new List<double>();
        for (int round = 0; round < ListRounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            await call();
            samples.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return samples.Order().ElementAt(ListRounds / 2);
    }

    // Counts up, so that a line lost or out of order shows.
    private static async Task<ThroughputResult> LogAsync(CriRuntimeProcess runtime)
    {
        await using BenchmarkPod pod = await BenchmarkPod.StartAsync(runtime);
        (string container, string name) = await pod.CreateAsync(stdin: false, "/bin/busybox", "seq", $"{FirstLine}", $"{FirstLine + LogLines - 1}");
        long start = Stopwatch.GetTimestamp();
        await pod.StartAsync(container);
        await pod.ExitAsync(container);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;

        int expected = FirstLine;
        long bytes = 0;
        foreach (string line in File.ReadLines(pod.LogFile(name)))
        {
            ReadOnlySpan<char> text = line.AsSpan(line.LastIndexOf(' ') + 1);
            if (!int.TryParse(text, out int number) || number != expected++)
            {
                throw new InvalidOperationException($"line {expected - 1} of the log is \"{line}\"");
            }

            bytes += text.Length + 1;
        }

        return expected == FirstLine + LogLines
            ? new ThroughputResult($"log of {LogLines / 1_000_000} million lines", bytes / seconds / 1e6, "MB/s")
            : throw new InvalidOperationException($"the log ends with line {expected - 1}");
    }

    private static async Task<ThroughputResult> ExecAsync(CriRuntimeProcess runtime)
    {
        await using BenchmarkPod pod = await BenchmarkPod.StartAsync(runtime);
        (string container, _) = await pod.CreateAsync(stdin: false, "/bin/busybox", "sleep", "1000");
        await pod.StartAsync(container);
        var request = new ExecRequest { ContainerId = container, Cmd = { "/bin/busybox", "dd", "if=/dev/zero", "bs=1M", $"count={StreamMegabytes}" }, Stdout = true };
        string url = (await runtime.Runtime.ExecAsync(request)).Url;
        await using ChannelClient client = await ChannelClient.ConnectAsync(url);
        return new ThroughputResult("exec's standard output", await client.ReceiveAsync(ChannelClient.StandardOutput, StreamMegabytes), "MB/s");
    }

    private static async Task<ThroughputResult> AttachAsync(CriRuntimeProcess runtime)
    {
        await using BenchmarkPod pod = await BenchmarkPod.StartAsync(runtime);
        (string container, _) = await pod.CreateAsync(stdin: true, "/bin/busybox", "sh", "-c", $"read -r go; exec /bin/busybox dd if=/dev/zero bs=1M count={StreamMegabytes}");
        await pod.StartAsync(container);
        string url = (await runtime.Runtime.AttachAsync(new AttachRequest { ContainerId = container, Stdin = true, Stdout = true })).Url;
        await using ChannelClient client = await ChannelClient.ConnectAsync(url);
        await client.SendAsync(ChannelClient.StandardInput, "go\n"u8.ToArray());
        return new ThroughputResult("attach's standard output", await client.ReceiveAsync(ChannelClient.StandardOutput, StreamMegabytes), "MB/s");
    }

    private static async Task<ThroughputResult> PortForwardAsync(CriRuntimeProcess runtime)
    {
        await using BenchmarkPod pod = await BenchmarkPod.StartAsync(runtime);
        (string container, _) = await pod.CreateAsync(
            stdin: false, "/bin/busybox", "nc", "-lk", "-p", $"{Port}", "-e", "/bin/busybox", "dd", "if=/dev/zero", "bs=1M", $"count={StreamMegabytes}");
        await pod.StartAsync(container);

        // The server listens a moment after its start.
        var listening = new ExecSyncRequest { ContainerId = container, Cmd = { "/bin/busybox", "grep", "-q", $":{Port:X4} ", "/proc/net/tcp", "/proc/net/tcp6" }, Timeout = 10 };
        while ((await runtime.Runtime.ExecSyncAsync(listening)).ExitCode != 0)
        {
            await Task.Delay(5);
        }

        string url = (await runtime.Runtime.PortForwardAsync(new PortForwardRequest { PodSandboxId = pod.Id, Port = { Port } })).Url;
        await using ChannelClient client = await ChannelClient.ConnectAsync(url);
        return new ThroughputResult("port-forward from the pod", await client.ReceiveAsync(ChannelClient.FirstPort, StreamMegabytes), "MB/s");
    }
}
