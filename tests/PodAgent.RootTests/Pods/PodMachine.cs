using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using PodAgent.Api.Core;
using PodAgent.Api.Manifests;
using PodAgent.Api.V1;
using PodAgent.Linux;
using PodAgent.Pods;
using PodAgent.Pods.Service;
using PodAgent.Rpc.InProcess;
using PodAgent.Rpc.Server;
using PodAgent.RootTests.Cri;

namespace PodAgent.RootTests.Pods;

/// <summary>Both halves of the agent on the real kernel: the engine over the runtime, and a client of the engine's service.</summary>
[SupportedOSPlatform("linux")]
internal sealed class PodMachine : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private readonly string _directory = Directory.CreateTempSubdirectory("pae-").FullName;
    private PodEngine? _engine;

    private PodMachine(CriMachine runtime) => Runtime = runtime;

    public CriMachine Runtime { get; }

    public PodService.PodServiceClient Client { get; private set; } = null!;

    public string Manifests => Path.Combine(_directory, "manifests");

    public static async Task<PodMachine> StartAsync()
    {
        PodMachine machine = new(await CriMachine.StartAsync());
        await machine.OpenAsync();
        return machine;
    }

    /// <summary>Both halves go and come back; the pods stay.</summary>
    public async Task RestartAsync()
    {
        await _engine!.DisposeAsync();
        await Runtime.RestartAsync();
        await OpenAsync();
    }

    public static Pod Parse(string yaml)
    {
        ManifestReadResult result = new ManifestReader().Read(Encoding.UTF8.GetBytes(yaml), "test.yaml");
        Assert.Empty(result.Problems);
        return (Pod)result.Objects.Single().Message;
    }

    public async Task<Pod> ApplyAsync(string yaml) => (await Client.ApplyPodAsync(new ApplyPodRequest { Pod = Parse(yaml) })).Pod;

    public async Task DeleteAsync(string name) =>
        await Client.DeletePodAsync(new DeletePodRequest { Name = name, GracePeriodSeconds = 2, Wait = true }, deadline: DateTime.UtcNow + s_patience);

    public Task<Pod> WaitForReadyAsync(string name) =>
        WaitForAsync(name, p => p.Status?.Conditions.Any(c => c.Type == "Ready" && c.Status == "True") == true);

    public async Task<Pod> WaitForAsync(string name, Func<Pod, bool> condition)
    {
        using AsyncServerStreamingCall<PodWatchEvent> watch = Client.WatchPods(new ListPodsRequest { Name = name }, deadline: DateTime.UtcNow + s_patience);
        Pod? last = null;
        try
        {
            while (await watch.ResponseStream.MoveNext(CancellationToken.None))
            {
                last = watch.ResponseStream.Current.Pod ?? last;
                if (last is not null && condition(last))
                {
                    return last;
                }
            }
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.DeadlineExceeded)
        {
            // Said below.
        }

        ListEventsResponse events = await Client.ListEventsAsync(new ListEventsRequest());
        throw new Xunit.Sdk.XunitException($"pod {name} did not get there; last:\n{last}\n{string.Join('\n', events.Events.Select(e => $"{e.Reason}: {e.Message}"))}");
    }

    public async Task WaitForGoneAsync(string name)
    {
        using AsyncServerStreamingCall<PodWatchEvent> watch = Client.WatchPods(new ListPodsRequest { Name = name }, deadline: DateTime.UtcNow + s_patience);
        bool exists = false;
        while (await watch.ResponseStream.MoveNext(CancellationToken.None))
        {
            PodWatchEvent.Types.Type type = watch.ResponseStream.Current.Type;
            exists |= type == PodWatchEvent.Types.Type.Added;
            if (type == PodWatchEvent.Types.Type.Deleted || (type == PodWatchEvent.Types.Type.Bookmark && !exists))
            {
                return;
            }
        }
    }

    public async Task<string> LogAsync(string name, string container = "", bool previous = false, bool follow = false)
    {
        using AsyncServerStreamingCall<ReadLogsResponse> call = Client.ReadLogs(
            new ReadLogsRequest { Pod = name, Container = container, Previous = previous, Follow = follow }, deadline: DateTime.UtcNow + s_patience);
        StringBuilder text = new();
        while (await call.ResponseStream.MoveNext(CancellationToken.None))
        {
            text.Append(call.ResponseStream.Current.Data.ToStringUtf8());
        }

        return text.ToString();
    }

    /// <summary>The log when a container has written so, or when there is no patience left.</summary>
    public async Task<string> UntilLoggedAsync(string name, string text)
    {
        var waiting = Stopwatch.StartNew();
        string log;
        while (!(log = await LogAsync(name)).Contains(text, StringComparison.Ordinal) && waiting.Elapsed < s_patience)
        {
            await Task.Delay(20);
        }

        return log;
    }

    public Task<(int Code, string Out, string Error)> ExecAsync(Pod pod, string script, int container = 0) =>
        Runtime.ShellAsync(pod.Status.ContainerStatuses[container].ContainerID["podagent://".Length..], script);

    /// <summary>What the engine has left behind: mounts and files of pods.</summary>
    public IReadOnlyList<string> Leftovers()
    {
        List<string> found = [.. File.ReadAllLines("/proc/self/mountinfo").Where(l => l.Contains(_directory, StringComparison.Ordinal))];
        foreach (string directory in new[] { "lib/pods", "lib/volumes", "run/engine/pods", "logs" })
        {
            string path = Path.Combine(_directory, directory);
            found.AddRange(Directory.Exists(path) ? Directory.GetFileSystemEntries(path) : []);
        }

        return found;
    }

    /// <summary>Control groups of pods that are still there, in every hierarchy.</summary>
    public IReadOnlyList<string> PodCgroups() => [.. ClassCgroups().SelectMany(Directory.GetDirectories)];

    private IEnumerable<string> ClassCgroups() => Directory.GetDirectories("/sys/fs/cgroup")
        .SelectMany(h => new[] { "besteffort", "burstable" }.Select(c => Path.Combine(h, Runtime.Options.CgroupParent, c)))
        .Where(Directory.Exists)
        .ToList();

    public async ValueTask DisposeAsync()
    {
        foreach (Pod pod in (await Client.ListPodsAsync(new ListPodsRequest())).Pods)
        {
            string manifest = Path.Combine(Manifests, pod.Metadata.Name + ".yaml");
            if (!File.Exists(manifest))
            {
                await DeleteAsync(pod.Metadata.Name);
                continue;
            }

            File.Delete(manifest);
            await WaitForGoneAsync(pod.Metadata.Name);
        }

        await _engine!.DisposeAsync();
        foreach (string group in PodCgroups().Concat(ClassCgroups()))
        {
            Directory.Delete(group);
        }

        await Runtime.DisposeAsync();
        foreach (string line in File.ReadAllLines("/proc/self/mountinfo").Where(l => l.Contains(_directory, StringComparison.Ordinal)).Reverse())
        {
            PodAgent.Linux.Mounting.Mounts.TryUnmount(line.Split(' ')[4], detach: true);
        }

        Directory.Delete(_directory, recursive: true);
    }

    private async Task OpenAsync()
    {
        PodEngineOptions options = new()
        {
            Root = Path.Combine(_directory, "lib"),
            State = Path.Combine(_directory, "run"),
            ManifestDirectory = Manifests,
            PodLogs = Path.Combine(_directory, "logs"),
            NodeName = "node1",
            HostIps = ["192.0.2.1"],
            CgroupRoot = Runtime.Options.CgroupParent,
        };
        _engine = await PodEngine.OpenAsync(options, Runtime.Invoker, LoggerFactory.Create(_ => { }), TimeProvider.System, CancellationToken.None);
        RpcServiceRegistry services = new();
        services.Add(PodService.BindService(new PodServiceServer(_engine)));
        Client = new PodService.PodServiceClient(new InProcessCallInvoker(services, new RpcServerOptions { ExceptionMapper = Map }, cloneMessages: true));
    }

    private static RpcException? Map(Exception failure) =>
        failure is AgentException agent ? new RpcException(new Status(Enum.Parse<StatusCode>(agent.Kind.ToString()), agent.Message)) : null;
}
