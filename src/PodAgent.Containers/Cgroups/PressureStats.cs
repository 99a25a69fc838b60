namespace PodAgent.Containers.Cgroups;

/// <summary>Pressure stall information (the kernel's Documentation/accounting/psi.rst); a part is null when the kernel does not provide it.</summary>
/// <param name="Cpu">Waiting for a CPU.</param>
/// <param name="Memory">Waiting for memory.</param>
/// <param name="Io">Waiting for I/O.</param>
public sealed record PressureStats(Pressure? Cpu, Pressure? Memory, Pressure? Io);
