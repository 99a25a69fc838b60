namespace PodAgent.Pods.Volumes;

/// <summary>Which volume sources this agent mounts. Anything else is refused when the pod arrives, never ignored.</summary>
internal static class VolumeSupport
{
    private const string Supported = "emptyDir, hostPath, downwardAPI";

    /// <returns>What is wrong with the source, or null.</returns>
    public static string? Problem(Core.Volume volume)
    {
        Core.VolumeSource? source = volume.VolumeSource;
        if (source is null || source.EmptyDir is not null)
        {
            return source?.EmptyDir is { } empty && empty.Medium.StartsWith("HugePages", StringComparison.Ordinal)
                ? "emptyDir on huge pages is not supported by this version; use medium \"\" or Memory"
                : null;
        }

        if (source.HostPath is not null || source.DownwardAPI is not null)
        {
            return null;
        }

        string name = Core.VolumeSources.Given(source).Select(given => given.Name).FirstOrDefault("unknown");
        return $"volume source {name} is not supported by this version; supported: {Supported}";
    }
}
