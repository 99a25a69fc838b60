using PodAgent.Api.Core;

namespace PodAgent.Api.Validation;

/// <summary>What the rules for a container need to know about the pod around it.</summary>
internal sealed class PodContext(PodSpec spec, FieldErrors errors)
{
    public PodSpec Spec { get; } = spec;

    public FieldErrors Errors { get; } = errors;

    /// <summary>Volumes by name; of several with the same name the first one.</summary>
    public Dictionary<string, Volume> Volumes { get; } = spec.Volumes.Where(volume => volume.Name.Length > 0)
        .DistinctBy(volume => volume.Name, StringComparer.Ordinal)
        .ToDictionary(volume => volume.Name, StringComparer.Ordinal);

    /// <summary>Names of containers of all kinds, which share one name space.</summary>
    public HashSet<string> ContainerNames { get; } = new(StringComparer.Ordinal);

    public HashSet<string> ResourceClaims { get; } = spec.ResourceClaims.Select(claim => claim.Name).ToHashSet(StringComparer.Ordinal);
}
