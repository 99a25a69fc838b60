namespace PodAgent.Benchmarks.Throughput;

/// <param name="What">What was measured.</param>
/// <param name="Value">In <paramref name="Unit"/>.</param>
/// <param name="Unit">MB/s (higher is better) or ms (lower is better).</param>
internal sealed record ThroughputResult(string What, double Value, string Unit)
{
    /// <summary>How many times better than another runtime's.</summary>
    public double Over(ThroughputResult other) => Unit == "ms" ? other.Value / Value : Value / other.Value;
}
