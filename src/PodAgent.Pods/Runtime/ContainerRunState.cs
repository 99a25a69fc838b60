namespace PodAgent.Pods.Runtime;

/// <summary>What the runtime says a container is doing.</summary>
internal enum ContainerRunState
{
    Created,
    Running,
    Exited,
    Unknown,
}
