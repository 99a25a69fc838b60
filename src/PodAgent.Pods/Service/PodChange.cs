using PodAgent.Api.V1;

namespace PodAgent.Pods.Service;

/// <summary>A change of one pod, for watchers.</summary>
internal readonly record struct PodChange(PodWatchEvent.Types.Type Type, Core.Pod Pod);
