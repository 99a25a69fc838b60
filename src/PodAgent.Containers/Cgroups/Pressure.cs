namespace PodAgent.Containers.Cgroups;

/// <summary>The pressure of one resource.</summary>
/// <param name="Some">At least one task had to wait.</param>
/// <param name="Full">No task could go on.</param>
public sealed record Pressure(PressureLine Some, PressureLine Full);
