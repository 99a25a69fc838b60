namespace PodAgent.Containers.Cgroups;

/// <summary>One line of a pressure file.</summary>
/// <param name="Average10">Percent of the last 10 seconds.</param>
/// <param name="Average60">Percent of the last 60 seconds.</param>
/// <param name="Average300">Percent of the last 300 seconds.</param>
/// <param name="TotalMicroseconds">Waiting time, cumulative.</param>
public sealed record PressureLine(double Average10, double Average60, double Average300, ulong TotalMicroseconds);
