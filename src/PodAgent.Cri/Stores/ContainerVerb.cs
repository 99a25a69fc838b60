namespace PodAgent.Cri.Stores;

/// <summary>What can be asked of a container.</summary>
public enum ContainerVerb
{
    /// <summary>StartContainer.</summary>
    Start,

    /// <summary>StopContainer.</summary>
    Stop,

    /// <summary>RemoveContainer.</summary>
    Remove,

    /// <summary>ExecSync and Exec.</summary>
    Exec,

    /// <summary>Attach.</summary>
    Attach,

    /// <summary>ReopenContainerLog.</summary>
    ReopenLog,

    /// <summary>UpdateContainerResources.</summary>
    UpdateResources,
}
