namespace PodAgent.Pods.Config;

/// <param name="SeccompDefault">Containers without a profile get the runtime's default one.</param>
/// <param name="SeccompDirectory">Where localhost profiles are.</param>
internal sealed record SecurityOptions(bool SeccompDefault, string SeccompDirectory);
