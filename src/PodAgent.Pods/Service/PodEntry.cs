using PodAgent.Pods.Workers;

namespace PodAgent.Pods.Service;

/// <summary>A pod that exists on the node, by its name.</summary>
internal sealed class PodEntry
{
    public required PodWorker Worker { get; init; }

    /// <summary>What clients see; a new message for each change, never altered.</summary>
    public required Core.Pod Published { get; set; }

    /// <summary>The manifest that wants it, of a pod from a file.</summary>
    public string? File { get; set; }

    /// <summary>Completes when nothing of the pod is left on the node.</summary>
    public TaskCompletionSource Gone { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
