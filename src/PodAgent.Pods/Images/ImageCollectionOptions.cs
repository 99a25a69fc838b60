namespace PodAgent.Pods.Images;

/// <summary>When unused images are removed (the kubelet's imageGCHighThresholdPercent and its companions).</summary>
public sealed record ImageCollectionOptions
{
    /// <summary>Percent of the images' file system in use from which images are removed; 100: never. Default 85.</summary>
    public int HighThreshold { get; init; } = 85;

    /// <summary>Percent down to which images are removed. Default 80.</summary>
    public int LowThreshold { get; init; } = 80;

    /// <summary>How long this engine must have known an image before it may go. Default 2 minutes.</summary>
    public TimeSpan MinimumAge { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How often the file system is looked at. Default 5 minutes.</summary>
    public TimeSpan Period { get; init; } = TimeSpan.FromMinutes(5);
}
