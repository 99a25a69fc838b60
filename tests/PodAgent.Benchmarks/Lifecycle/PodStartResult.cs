namespace PodAgent.Benchmarks.Lifecycle;

/// <summary>Medians in milliseconds.</summary>
internal sealed record PodStartResult(double ManifestToRunning, double DeletionToGone);
