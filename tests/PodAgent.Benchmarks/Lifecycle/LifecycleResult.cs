namespace PodAgent.Benchmarks.Lifecycle;

/// <summary>Each step of a pod with one container, as the CRI client sees it.</summary>
internal sealed record LifecycleResult(IReadOnlyList<(string Step, Sample Sample)> Steps)
{
    private const double Goal = 10;

    public double this[string step] => Steps.First(s => s.Step == step).Sample.Median;

    public double Minimum(string step) => Steps.First(s => s.Step == step).Sample.Minimum;

    /// <summary>The medians. An empty call is no step of a pod.</summary>
    public IReadOnlyList<Measurement> Comparable() =>
        [.. Steps.Select(step => new Measurement(step.Step, step.Sample.Median, "ms", step.Step == LifecycleBenchmark.EmptyCall ? null : Goal))];
}
