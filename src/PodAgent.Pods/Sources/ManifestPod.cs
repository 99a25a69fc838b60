namespace PodAgent.Pods.Sources;

/// <summary>A pod that a file asks for, complete with identity.</summary>
/// <param name="Pod">The pod.</param>
/// <param name="File">The file's full path.</param>
internal sealed record ManifestPod(Core.Pod Pod, string File);
