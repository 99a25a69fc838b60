namespace PodAgent.Benchmarks.Memory;

/// <summary>Proportional set sizes in MiB.</summary>
internal sealed record MemoryResult(int Pods, double PerPod, double Agent);
