namespace PodAgent.Benchmarks;

/// <summary>Milliseconds: the quickest measurement, the one in the middle, and the one that 95 of 100 do not exceed.</summary>
internal readonly record struct Sample(double Minimum, double Median, double Percentile95);
