namespace PodAgent.Api.Validation;

/// <summary>Which of the pod's lists a container stands in; an init container with <c>restartPolicy: Always</c> is a sidecar.</summary>
internal enum ContainerRole
{
    Regular,
    Init,
    Sidecar,
    Ephemeral,
}
