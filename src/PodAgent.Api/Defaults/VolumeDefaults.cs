using PodAgent.Api.Core;

namespace PodAgent.Api.Defaults;

/// <summary>What the API server fills into a volume.</summary>
internal static class VolumeDefaults
{
    // 0644 in octal.
    private const int FileMode = 420;
    private const long TokenSeconds = 3600;

    public static void Apply(Volume volume)
    {
        volume.VolumeSource ??= new VolumeSource();
        VolumeSource source = volume.VolumeSource;
        if (source.CalculateSize() == 0)
        {
            source.EmptyDir = new EmptyDirVolumeSource();
        }

        if (source.HostPath is { HasType: false } hostPath)
        {
            hostPath.Type = "";
        }

        if (source.Secret is { HasDefaultMode: false } secret)
        {
            secret.DefaultMode = FileMode;
        }

        if (source.ConfigMap is { HasDefaultMode: false } configMap)
        {
            configMap.DefaultMode = FileMode;
        }

        if (source.DownwardAPI is { } downward)
        {
            downward.DefaultMode = downward.HasDefaultMode ? downward.DefaultMode : FileMode;
            Apply(downward.Items);
        }

        if (source.Projected is { } projected)
        {
            Apply(projected);
        }

        if (source.Image is { } image)
        {
            image.PullPolicy = PodDefaults.Or(image.PullPolicy, ImagePullPolicy.DefaultFor(image.Reference));
        }

        if (source.Iscsi is { } iscsi)
        {
            iscsi.IscsiInterface = PodDefaults.Or(iscsi.IscsiInterface, "default");
        }

        if (source.Ephemeral?.VolumeClaimTemplate?.Spec is { HasVolumeMode: false } claim)
        {
            claim.VolumeMode = "Filesystem";
        }
    }

    private static void Apply(ProjectedVolumeSource projected)
    {
        projected.DefaultMode = projected.HasDefaultMode ? projected.DefaultMode : FileMode;
        foreach (VolumeProjection source in projected.Sources)
        {
            if (source.ServiceAccountToken is { HasExpirationSeconds: false } token)
            {
                token.ExpirationSeconds = TokenSeconds;
            }

            if (source.DownwardAPI is { } downward)
            {
                Apply(downward.Items);
            }
        }
    }

    private static void Apply(IEnumerable<DownwardAPIVolumeFile> files)
    {
        foreach (DownwardAPIVolumeFile file in files)
        {
            ContainerDefaults.Apply(file.FieldRef);
        }
    }
}
