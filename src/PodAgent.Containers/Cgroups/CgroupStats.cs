namespace PodAgent.Containers.Cgroups;

/// <summary>What a cgroup and its descendants have used. A part is null when its controller is not available.</summary>
/// <param name="Cpu">CPU time.</param>
/// <param name="Memory">Memory.</param>
/// <param name="Pids">Tasks.</param>
/// <param name="Io">Block I/O, one entry per device.</param>
/// <param name="Pressure">Pressure stall information, cgroup v2 only.</param>
public sealed record CgroupStats(CpuStats? Cpu, MemoryStats? Memory, PidsStats? Pids, IReadOnlyList<IoStats> Io, PressureStats? Pressure);
