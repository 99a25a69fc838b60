using System.Globalization;
using PodAgent.Benchmarks.Floor;
using PodAgent.Benchmarks.Lifecycle;
using PodAgent.Benchmarks.Memory;
using PodAgent.Benchmarks.Throughput;

namespace PodAgent.Benchmarks.Reports;

/// <summary>What was reached, beside the floor, the peer and the goal.</summary>
internal sealed class BenchmarkReport(int rounds)
{
    private const double FloorRatioGoal = 3;
    private const double ExecGoal = 5;
    private const double PodMemoryGoal = 1.5;
    private const double AgentMemoryGoal = 45;
    private const int PodMemoryGoalPods = 20;

    private readonly Dictionary<string, LifecycleResult> _lifecycles = [];
    private readonly List<MemoryResult> _memory = [];
    private readonly List<(string Runtime, ParallelResult Result)> _parallel = [];
    private readonly Dictionary<string, IReadOnlyList<ThroughputResult>> _throughput = [];
    private FloorResult? _floor;
    private PodStartResult? _podStart;

    public string? ContainerdVersion { get; set; }

    public void Add(FloorResult floor) => _floor = floor;

    public void Add(string runtime, LifecycleResult result) => _lifecycles[runtime] = result;

    public void Add(MemoryResult memory) => _memory.Add(memory);

    public void AddParallel(string runtime, ParallelResult result) => _parallel.Add((runtime, result));

    public void AddThroughput(string runtime, IReadOnlyList<ThroughputResult> results) => _throughput[runtime] = results;

    public void AddPodStart(PodStartResult result) => _podStart = result;

    public void Write(TextWriter output)
    {
        LifecycleResult own = _lifecycles["podagent"];
        LifecycleResult? peer = _lifecycles.GetValueOrDefault("containerd");
        output.WriteLine($"{rounds} rounds, milliseconds, through the CRI socket");
        output.WriteLine();
        output.WriteLine($"{"step",-20}{"minimum",10}{"median",10}{"95 %",10}{(peer is null ? "" : $"{"containerd",12}{"ratio",8}")}");
        foreach ((string step, Sample sample) in own.Steps)
        {
            string beside = peer is null ? "" : $"{Number(peer[step]),12}{Number(peer[step] / sample.Median),7}x";
            output.WriteLine($"{step,-20}{Number(sample.Minimum),10}{Number(sample.Median),10}{Number(sample.Percentile95),10}{beside}");
        }

        output.WriteLine();
        output.WriteLine($"kernel floor: pause {Number(_floor!.Pause)}, network {Number(_floor.Network)}, container {Number(_floor.Container)}, whole pod {Number(_floor.Total)}");
        output.WriteLine($"whole pod through CRI: {Number(own["whole pod"])}, {Number(own["whole pod"] / _floor.Total)}x the floor   {Verdict(own["whole pod"] <= FloorRatioGoal * _floor.Total, $"{FloorRatioGoal}x")}");
        output.WriteLine($"  at best {Number(own.Minimum("whole pod"))}");
        output.WriteLine($"exec: {Number(own["exec"])}   {Verdict(own["exec"] <= ExecGoal, $"{ExecGoal} ms")}");
        output.WriteLine($"manifest rename to running, seen by a watching client: {Number(_podStart!.ManifestToRunning)}, {Number(_podStart.ManifestToRunning / _floor.Total)}x the floor   {Verdict(_podStart.ManifestToRunning <= FloorRatioGoal * _floor.Total, $"{FloorRatioGoal}x")}");
        output.WriteLine($"manifest removal to nothing left: {Number(_podStart.DeletionToGone)}");
        foreach ((string runtime, ParallelResult result) in _parallel)
        {
            output.WriteLine(
                $"{result.Pods} pods {result.AtATime} at a time, {runtime}: started in {Number(result.StartSeconds)} s ({Number(result.Start.Median)} ms each, 95 % {Number(result.Start.Percentile95)}), "
                + $"stopped and removed in {Number(result.RemovalSeconds)} s ({Number(result.Removal.Median)} ms each, 95 % {Number(result.Removal.Percentile95)})");
        }

        output.WriteLine();
        output.WriteLine($"{"pods",-6}{"MiB PSS per pod",18}{"MiB PSS agent",16}");
        foreach (MemoryResult memory in _memory)
        {
            string goals = memory.Pods == PodMemoryGoalPods
                ? $"   {Verdict(memory.PerPod <= PodMemoryGoal, $"{PodMemoryGoal} MiB per pod")}, {Verdict(memory.Agent <= AgentMemoryGoal, $"{AgentMemoryGoal} MiB for the agent")}"
                : "";
            output.WriteLine($"{memory.Pods,-6}{Number(memory.PerPod),18}{Number(memory.Agent),16}{goals}");
        }

        WriteThroughput(output);
        if (ContainerdVersion is not null)
        {
            output.WriteLine();
            output.WriteLine($"containerd {ContainerdVersion} with runc and the bridge CNI plugin, measured in the same run");
        }
    }

    private void WriteThroughput(TextWriter output)
    {
        IReadOnlyList<ThroughputResult>? peer = _throughput.GetValueOrDefault("containerd");
        output.WriteLine();
        foreach (ThroughputResult own in _throughput.GetValueOrDefault("podagent") ?? [])
        {
            ThroughputResult? other = peer?.Single(result => result.What == own.What);
            string beside = other is null ? "" : $"{Number(other.Value),12}{Number(own.Over(other)),7}x";
            output.WriteLine($"{own.What,-32}{own.Unit,5}{Number(own.Value),12}{beside}");
        }
    }

    private static string Number(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Verdict(bool reached, string goal) => $"(goal: at most {goal}; {(reached ? "reached" : "not reached")})";
}
