namespace PodAgent.Benchmarks.Lifecycle;

/// <summary>Many pods, some at a time.</summary>
/// <param name="Pods">How many were started, and removed again.</param>
/// <param name="AtATime">How many were under way at any moment.</param>
/// <param name="StartSeconds">From the first call until the last container ran.</param>
/// <param name="Start">One pod: sandbox, container, start.</param>
/// <param name="RemovalSeconds">From the first stop until the last sandbox was removed.</param>
/// <param name="Removal">One pod: stop and remove.</param>
internal sealed record ParallelResult(int Pods, int AtATime, double StartSeconds, Sample Start, double RemovalSeconds, Sample Removal);
