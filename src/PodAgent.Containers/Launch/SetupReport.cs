namespace PodAgent.Containers.Launch;

/// <summary>First byte of a packet on the <see cref="SetupChannel"/>.</summary>
internal enum SetupReport : byte
{
    /// <summary>Nothing is left to do but execve.</summary>
    Ready = 1,

    /// <summary>Carries the leader of the container's terminal.</summary>
    Terminal = 2,

    /// <summary>A serialised <see cref="Protocol.Failure"/> follows.</summary>
    Failure = 3,
}
