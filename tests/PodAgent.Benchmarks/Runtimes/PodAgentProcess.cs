using System.Diagnostics;
using PodAgent.Api.V1;

namespace PodAgent.Benchmarks.Runtimes;

/// <summary>The native podagent under test.</summary>
internal sealed class PodAgentProcess : CriRuntimeProcess
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("podagent-bench-");
    private readonly string _programs;
    private Process? _process;
    private StateDirectory? _state;

    private PodAgentProcess(string programs) => _programs = programs;

    public override string Name => "podagent";

    public override string Image => "podagent.local/busybox:latest";

    public override string LogDirectory => Path.Combine(_folder.FullName, "log");

    public override string CgroupParent => "/podagent-bench";

    public override string Blobs => Path.Combine(_folder.FullName, "lib/images/blobs/sha256");

    public string Manifests => Path.Combine(_folder.FullName, "manifests");

    public int Pid => _process!.Id;

    public string SandboxProgram => Path.Combine(_programs, "pod-sandbox");

    public PodService.PodServiceClient Pods => new(Invoker);

    private string[] Flags =>
    [
        "--root", Path.Combine(_folder.FullName, "lib"), "--state", Path.Combine(_folder.FullName, "volatile", "run"), "--pod-logs", LogDirectory,
        "--manifests", Manifests, "--bridge", "podagentbench", "--subnet", "10.201.0.0/16", "--nftables-table", "podagent_bench",
        "--cgroup-parent", "podagent-bench", "--log-level", "warning",
    ];

    public static async Task<PodAgentProcess> StartAsync(string programs)
    {
        var agent = new PodAgentProcess(programs);
        Directory.CreateDirectory(agent.Manifests);
        agent._state = await StateDirectory.MountAsync(Path.Combine(agent._folder.FullName, "volatile"));
        agent._process = Process.Start(Path.Combine(programs, "podagent"), agent.Flags);
        await agent.ConnectAsync(Path.Combine(agent._folder.FullName, "volatile", "run", "podagent.sock"));
        return agent;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _process!.Kill();
        await _process.WaitForExitAsync();
        await Tool.RunAsync(Path.Combine(_programs, "podagent"), ["cleanup", .. Flags]);
        await _state!.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
