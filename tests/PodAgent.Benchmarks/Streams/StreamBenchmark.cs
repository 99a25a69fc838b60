using System.Diagnostics;
using PodAgent.Api.Cri;
using PodAgent.Benchmarks.Runtimes;

namespace PodAgent.Benchmarks.Streams;

/// <summary>Bytes through the streaming server: exec, attach and port-forward, each way, over each protocol.</summary>
internal sealed class StreamBenchmark(CriRuntimeProcess runtime)
{
    private const int Rounds = 3;
    private const double Goal = 2;
    private const int Megabytes = 256;
    private const long Bytes = Megabytes << 20;
    private const int Port = 8080;
    private const string Busybox = "/bin/busybox";

    private static readonly (string Name, Func<StreamTarget, Task<StreamClient>> Connect)[] s_protocols =
        [("SPDY", SpdyClient.ConnectAsync), ("WebSocket", WebSocketClient.ConnectAsync)];

    private static readonly string[] s_source = [Busybox, "dd", "if=/dev/zero", "bs=1M", $"count={Megabytes}"];

    // Says so when it has everything: the last bytes are still on their way when the client has sent them.
    private static readonly string[] s_sink = [Busybox, "sh", "-c", $"{Busybox} head -c {Bytes} > /dev/null; echo done"];

    public static async Task<IReadOnlyList<Measurement>> RunAsync(CriRuntimeProcess runtime)
    {
        var benchmark = new StreamBenchmark(runtime);
        var results = new List<Measurement>();
        foreach ((string protocol, Func<StreamTarget, Task<StreamClient>> connect) in s_protocols)
        {
            async Task MeasureAsync(string what, Func<Func<StreamTarget, Task<StreamClient>>, Task<double>> seconds)
            {
                var samples = new List<double>();
                try
                {
                    for (int round = 0; round < Rounds; round++)
                    {
                        samples.Add(Bytes / await seconds(connect).WaitAsync(TimeSpan.FromSeconds(30)) / 1e6);
                    }

                    results.Add(new Measurement($"{what}, {protocol}", Samples.Median(samples), "MB/s", Goal));
                }
                catch (Exception e) when (e is TimeoutException or InvalidOperationException)
                {
                    // A runtime that cannot do one of them is measured at the others.
                    Console.Error.WriteLine($"{runtime.Name}: {what}, {protocol}: not measured: {e.Message}");
                }
            }

            await MeasureAsync("exec, output", benchmark.ExecOutputAsync);
            await MeasureAsync("exec, input", benchmark.ExecInputAsync);
            await MeasureAsync("attach, output", benchmark.AttachOutputAsync);
            await MeasureAsync("attach, input", benchmark.AttachInputAsync);
            await MeasureAsync("port-forward, from pod", connect => benchmark.PortAsync(connect, s_source, client => client.ReceiveAsync(Bytes)));
            await MeasureAsync("port-forward, to pod", connect => benchmark.PortAsync(connect, s_sink, SendAsync));
        }

        return results;
    }

    private static async Task<double> SendAsync(StreamClient client)
    {
        long start = Stopwatch.GetTimestamp();
        await client.SendAsync(Bytes);
        await client.ReceiveAsync("done\n".Length);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private async Task<double> ExecOutputAsync(Func<StreamTarget, Task<StreamClient>> connect)
    {
        await using BenchmarkPod pod = await BenchmarkPod.StartAsync(runtime);
        string container = await SleeperAsync(pod);
        string url = (await runtime.Runtime.ExecAsync(new ExecRequest { ContainerId = container, Cmd = { s_source }, Stdout = true })).Url;
        await using StreamClient client = await connect(new StreamTarget(url, 0, HasInput: false));
        return await client.ReceiveAsync(Bytes);
    }

    private async Task<double> ExecInputAsync(Func<StreamTarget, Task<StreamClient>> connect)
    {
        await using BenchmarkPod pod = await BenchmarkPod.StartAsync(runtime);
        string container = await SleeperAsync(pod);
        string url = (await runtime.Runtime.ExecAsync(new ExecRequest { ContainerId = container, Cmd = { s_sink }, Stdin = true, Stdout = true })).Url;
        await using StreamClient client = await connect(new StreamTarget(url, 0, HasInput: true));
        return await SendAsync(client);
    }

    private async Task<double> AttachOutputAsync(Func<StreamTarget, Task<StreamClient>> connect)
    {
        await using BenchmarkPod pod = await BenchmarkPod.StartAsync(runtime);

        // A runtime may connect the input before the output.
        (string container, _) = await pod.CreateAsync(stdin: true, Busybox, "sh", "-c", $"read -r go; {Busybox} sleep 0.2; exec {string.Join(' ', s_source)}");
        await pod.StartAsync(container);
        await using StreamClient client = await AttachAsync(container, connect);
        await client.SendAsync("go\n"u8.ToArray());
        return await client.ReceiveAsync(Bytes);
    }

    private async Task<double> AttachInputAsync(Func<StreamTarget, Task<StreamClient>> connect)
    {
        await using BenchmarkPod pod = await BenchmarkPod.StartAsync(runtime);
        (string container, _) = await pod.CreateAsync(stdin: true, s_sink);
        await pod.StartAsync(container);
        await using StreamClient client = await AttachAsync(container, connect);
        return await SendAsync(client);
    }

    private async Task<StreamClient> AttachAsync(string container, Func<StreamTarget, Task<StreamClient>> connect)
    {
        string url = (await runtime.Runtime.AttachAsync(new AttachRequest { ContainerId = container, Stdin = true, Stdout = true })).Url;
        return await connect(new StreamTarget(url, 0, HasInput: true));
    }

    private async Task<double> PortAsync(Func<StreamTarget, Task<StreamClient>> connect, string[] command, Func<StreamClient, Task<double>> measure)
    {
        await using BenchmarkPod pod = await BenchmarkPod.StartAsync(runtime);
        (string container, _) = await pod.CreateAsync(stdin: false, [Busybox, "nc", "-ll", "-p", $"{Port}", "-e", .. command]);
        await pod.StartAsync(container);

        // The server listens a moment after its start.
        var listening = new ExecSyncRequest { ContainerId = container, Cmd = { Busybox, "grep", "-q", $":{Port:X4} ", "/proc/net/tcp", "/proc/net/tcp6" }, Timeout = 10 };
        while ((await runtime.Runtime.ExecSyncAsync(listening)).ExitCode != 0)
        {
            await Task.Delay(5);
        }

        string url = (await runtime.Runtime.PortForwardAsync(new PortForwardRequest { PodSandboxId = pod.Id, Port = { Port } })).Url;
        await using StreamClient client = await connect(new StreamTarget(url, Port, HasInput: true));
        return await measure(client);
    }

    private static async Task<string> SleeperAsync(BenchmarkPod pod)
    {
        (string container, _) = await pod.CreateAsync(stdin: false, Busybox, "sleep", "1000");
        await pod.StartAsync(container);
        return container;
    }
}
