namespace PodAgent.Benchmarks.Lifecycle;

/// <summary>Each step of a pod with one container, as the CRI client sees it.</summary>
internal sealed record LifecycleResult(IReadOnlyList<(string Step, Sample Sample)> Steps)
{
    public double this[string step] => Steps.First(s => s.Step == step).Sample.Median;

    public double Minimum(string step) => Steps.First(s => s.Step == step).Sample.Minimum;
}
