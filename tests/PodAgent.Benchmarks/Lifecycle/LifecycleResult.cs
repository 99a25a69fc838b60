namespace PodAgent.Benchmarks.Lifecycle;

/// <summary>Medians in milliseconds of each step of a pod with one container, as the CRI client sees them.</summary>
internal sealed record LifecycleResult(IReadOnlyList<(string Step, double Median)> Steps)
{
    public double this[string step] => Steps.First(s => s.Step == step).Median;
}
