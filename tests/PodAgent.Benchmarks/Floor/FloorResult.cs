namespace PodAgent.Benchmarks.Floor;

/// <summary>Medians in milliseconds.</summary>
internal sealed record FloorResult(double Pause, double Network, double Container, double Total);
