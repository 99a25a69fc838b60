using System.Globalization;
using PodAgent.Benchmarks.Floor;
using PodAgent.Benchmarks.Lifecycle;
using PodAgent.Benchmarks.Memory;

namespace PodAgent.Benchmarks.Reports;

/// <summary>What was reached, beside the floor, the peer and the goal.</summary>
internal sealed class BenchmarkReport(int rounds)
{
    private const string Own = "podagent";
    private const string Peer = "containerd";
    private const double FloorRatioGoal = 3;
    private const double ExecGoal = 5;
    private const double PodMemoryGoal = 1.5;
    private const double AgentMemoryGoal = 45;
    private const int PodMemoryGoalPods = 20;

    private readonly Dictionary<string, LifecycleResult> _lifecycles = [];
    private readonly List<MemoryResult> _memory = [];
    private readonly Dictionary<string, List<Measurement>> _measurements = new() { [Own] = [], [Peer] = [] };

    public string? ContainerdVersion { get; set; }

    public FloorResult? Floor { get; set; }

    public PodStartResult? PodStart { get; set; }

    public void AddLifecycle(string runtime, LifecycleResult result) => _lifecycles[runtime] = result;

    public void AddMemory(MemoryResult memory) => _memory.Add(memory);

    public void Add(string runtime, IReadOnlyList<Measurement> measurements) => _measurements[runtime].AddRange(measurements);

    public void Write(TextWriter output)
    {
        foreach ((string runtime, LifecycleResult result) in _lifecycles)
        {
            WriteSteps(output, runtime, result);
        }

        WriteFloor(output);
        WriteMemory(output);
        WriteComparison(output);
    }

    private static string Number(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Verdict(bool reached, string goal) => $"(goal: at most {goal}; {(reached ? "reached" : "not reached")})";

    private void WriteSteps(TextWriter output, string runtime, LifecycleResult result)
    {
        output.WriteLine($"{runtime}, {rounds} rounds, milliseconds, through the CRI socket");
        output.WriteLine($"{"step",-34}{"minimum",10}{"median",10}{"95 %",10}");
        foreach ((string step, Sample sample) in result.Steps)
        {
            output.WriteLine($"{step,-34}{Number(sample.Minimum),10}{Number(sample.Median),10}{Number(sample.Percentile95),10}");
        }

        output.WriteLine();
    }

    private void WriteFloor(TextWriter output)
    {
        if (Floor is not { } floor)
        {
            return;
        }

        output.WriteLine($"kernel floor: pause {Number(floor.Pause)}, network {Number(floor.Network)}, container {Number(floor.Container)}, whole pod {Number(floor.Total)}");
        if (_lifecycles.GetValueOrDefault(Own) is { } own)
        {
            double whole = own["whole pod"];
            output.WriteLine($"whole pod through CRI: {Number(whole)}, {Number(whole / floor.Total)}x the floor   {Verdict(whole <= FloorRatioGoal * floor.Total, $"{FloorRatioGoal}x")}");
            output.WriteLine($"  at best {Number(own.Minimum("whole pod"))}");
            output.WriteLine($"exec: {Number(own["exec"])}   {Verdict(own["exec"] <= ExecGoal, $"{ExecGoal} ms")}");
        }

        if (PodStart is { } start)
        {
            bool reached = start.ManifestToRunning <= FloorRatioGoal * floor.Total;
            output.WriteLine($"manifest rename to running, seen by a watching client: {Number(start.ManifestToRunning)}, {Number(start.ManifestToRunning / floor.Total)}x the floor   {Verdict(reached, $"{FloorRatioGoal}x")}");
            output.WriteLine($"manifest removal to nothing left: {Number(start.DeletionToGone)}");
        }

        output.WriteLine();
    }

    private void WriteMemory(TextWriter output)
    {
        if (_memory.Count == 0)
        {
            return;
        }

        output.WriteLine($"{"pods",-6}{"MiB PSS per pod",18}{"MiB PSS agent",16}");
        foreach (MemoryResult memory in _memory)
        {
            string goals = memory.Pods == PodMemoryGoalPods
                ? $"   {Verdict(memory.PerPod <= PodMemoryGoal, $"{PodMemoryGoal} MiB per pod")}, {Verdict(memory.Agent <= AgentMemoryGoal, $"{AgentMemoryGoal} MiB for the agent")}"
                : "";
            output.WriteLine($"{memory.Pods,-6}{Number(memory.PerPod),18}{Number(memory.Agent),16}{goals}");
        }

        output.WriteLine();
    }

    private void WriteComparison(TextWriter output)
    {
        if (_measurements[Own].Count == 0)
        {
            return;
        }

        bool beside = _measurements[Peer].Count > 0;
        output.WriteLine(beside ? $"medians, beside containerd {ContainerdVersion} with runc and the bridge CNI plugin in the same run" : "medians");
        output.WriteLine($"{"",-34}{"unit",6}{Own,12}{(beside ? $"{Peer,12}{"ratio",9}{"goal",7}" : "")}");
        foreach (Measurement own in _measurements[Own])
        {
            string line = $"{own.What,-34}{own.Unit,6}{Number(own.Value),12}";
            if (_measurements[Peer].FirstOrDefault(peer => peer.What == own.What) is { } peer)
            {
                double ratio = own.Over(peer);
                string goal = own.Goal is { } least ? $"{least,6}x  {(ratio >= least ? "reached" : "not reached")}" : "";
                line += $"{Number(peer.Value),12}{Number(ratio),8}x{goal}";
            }

            output.WriteLine(line);
        }
    }
}
