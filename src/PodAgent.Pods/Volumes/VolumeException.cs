namespace PodAgent.Pods.Volumes;

/// <summary>A volume cannot be made ready now: the pod waits, and the next try may succeed.</summary>
internal sealed class VolumeException(string volume, string message, Exception? inner = null) : Exception(message, inner)
{
    public string Volume { get; } = volume;
}
