namespace PodAgent.Pods.Workers;

/// <summary>What a pod's worker is at. Only ever moves forward.</summary>
internal enum PodPhaseWork
{
    /// <summary>Bring the pod to what is desired.</summary>
    Sync,

    /// <summary>Stop everything of it.</summary>
    Terminating,

    /// <summary>Nothing runs any more; keep what logs and status need until nobody wants the pod.</summary>
    Terminated,
}
