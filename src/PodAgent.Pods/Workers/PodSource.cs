namespace PodAgent.Pods.Workers;

/// <summary>Who wants a pod.</summary>
internal enum PodSource
{
    /// <summary>A file of the manifest directory.</summary>
    Manifest,

    /// <summary>A client of the agent's socket.</summary>
    Api,

    /// <summary>Nobody any more: found on the runtime after a restart, only to be ended.</summary>
    Orphan,
}
