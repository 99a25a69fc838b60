namespace PodAgent.Pods.Config;

/// <summary>A container cannot be described to the runtime as its pod asks: shown as CreateContainerConfigError and tried again.</summary>
internal sealed class ContainerConfigException(string message) : Exception(message);
