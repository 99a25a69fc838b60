namespace PodAgent.Benchmarks;

/// <summary>One figure of one runtime.</summary>
/// <param name="What">What was measured.</param>
/// <param name="Value">In <paramref name="Unit"/>.</param>
/// <param name="Unit">MB/s (higher is better), ms or s (lower is better).</param>
/// <param name="Goal">How many times better than the peer it has to be; null: it is measured to be known.</param>
internal sealed record Measurement(string What, double Value, string Unit, double? Goal = null)
{
    /// <summary>How many times better than another runtime's.</summary>
    public double Over(Measurement other) => Unit == "MB/s" ? Value / other.Value : other.Value / Value;
}
