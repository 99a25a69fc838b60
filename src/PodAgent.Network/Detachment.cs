namespace PodAgent.Network;

/// <summary>A detachment that has begun.</summary>
/// <param name="Finished">Completes when nothing of the sandbox is left and its address can be leased again; fails with an
/// <see cref="PodAgent.Linux.AgentException"/> when the kernel refused.</param>
public sealed record Detachment(Task Finished);
