namespace PodAgent.Benchmarks;

/// <summary>What can be measured by itself (<c>--only=pull,log</c>).</summary>
internal enum BenchmarkPart
{
    Floor,
    Lifecycle,
    PodStart,
    Parallel,
    List,
    Log,
    Streams,
    Pull,
    Memory,
}
