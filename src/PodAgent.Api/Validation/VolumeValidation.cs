using Google.Protobuf;
using PodAgent.Api.Core;

namespace PodAgent.Api.Validation;

/// <summary>The rules for a pod's volumes.</summary>
internal static class VolumeValidation
{
    private const int MaxMode = 511;
    private static readonly string[] s_hostPathTypes =
    [
        "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket",
    ];

    public static void Validate(IReadOnlyList<Volume> volumes, string path, FieldErrors errors)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        for (int index = 0; index < volumes.Count; index++)
        {
            Volume volume = volumes[index];
            string volumePath = $"{path}[{index}]";
            if (volume.Name.Length == 0)
            {
                errors.Required(volumePath + ".name");
            }
            else
            {
                errors.Invalid(volumePath + ".name", volume.Name, NameRules.Label(volume.Name));
                if (!names.Add(volume.Name))
                {
                    errors.Duplicate(volumePath + ".name", volume.Name);
                }
            }

            ValidateSource(volume.VolumeSource ?? new VolumeSource(), volumePath, errors);
        }
    }

    public static void ValidateMode(int mode, string path, FieldErrors errors)
    {
        if (mode is < 0 or > MaxMode)
        {
            errors.Invalid(path, mode, "must be a number between 0 and 0777 (octal), both inclusive");
        }
    }

    public static void Require(string value, string path, FieldErrors errors)
    {
        if (value.Length == 0)
        {
            errors.Required(path);
        }
    }

    private static void ValidateSource(VolumeSource source, string path, FieldErrors errors)
    {
        int count = 0;
        foreach ((string name, IMessage value) in VolumeSources.Given(source))
        {
            count++;
            if (count > 1)
            {
                errors.Forbidden($"{path}.{name}", "may not specify more than 1 volume type");
            }
            else
            {
                ValidateSource(value, $"{path}.{name}", errors);
            }
        }

        if (count == 0)
        {
            errors.Required(path, "must specify a volume type");
        }
    }

    private static void ValidateSource(IMessage source, string path, FieldErrors errors)
    {
        switch (source)
        {
            case HostPathVolumeSource hostPath:
                Require(hostPath.Path, path + ".path", errors);
                PathRules.NoBacksteps(hostPath.Path, path + ".path", errors);
                errors.OneOf(path + ".type", hostPath.Type, s_hostPathTypes);
                break;
            case EmptyDirVolumeSource emptyDir:
                ValidateEmptyDir(emptyDir, path, errors);
                break;
            case SecretVolumeSource secret:
                Require(secret.SecretName, path + ".secretName", errors);
                ValidateMode(secret.DefaultMode, path + ".defaultMode", errors);
                ValidateItems(secret.Items, path + ".items", errors);
                break;
            case ConfigMapVolumeSource configMap:
                Require(configMap.LocalObjectReference?.Name ?? "", path + ".name", errors);
                ValidateMode(configMap.DefaultMode, path + ".defaultMode", errors);
                ValidateItems(configMap.Items, path + ".items", errors);
                break;
            case DownwardAPIVolumeSource downward:
                ValidateMode(downward.DefaultMode, path + ".defaultMode", errors);
                ProjectedVolumeValidation.ValidateFiles(downward.Items, path + ".items", errors);
                break;
            case ProjectedVolumeSource projected:
                ProjectedVolumeValidation.Validate(projected, path, errors);
                break;
            case PersistentVolumeClaimVolumeSource claim:
                Require(claim.ClaimName, path + ".claimName", errors);
                break;
            case ImageVolumeSource image:
                Require(image.Reference, path + ".reference", errors);
                if (image.PullPolicy.Length > 0)
                {
                    errors.OneOf(path + ".pullPolicy", image.PullPolicy, "Always", "IfNotPresent", "Never");
                }

                break;
            default:
                ValidateNetworkSource(source, path, errors);
                break;
        }
    }

    private static void ValidateNetworkSource(IMessage source, string path, FieldErrors errors)
    {
        switch (source)
        {
            case NFSVolumeSource nfs:
                Require(nfs.Server, path + ".server", errors);
                Require(nfs.Path, path + ".path", errors);
                if (nfs.Path.Length > 0 && !nfs.Path.StartsWith('/'))
                {
                    errors.Invalid(path + ".path", nfs.Path, "must be an absolute path");
                }

                break;
            case ISCSIVolumeSource iscsi:
                Require(iscsi.TargetPortal, path + ".targetPortal", errors);
                Require(iscsi.Iqn, path + ".iqn", errors);
                errors.Invalid(path + ".lun", iscsi.Lun, NameRules.InRange(iscsi.Lun, 0, 255));
                break;
            case CSIVolumeSource csi:
                Require(csi.Driver, path + ".driver", errors);
                break;
            case GitRepoVolumeSource gitRepo:
                Require(gitRepo.Repository, path + ".repository", errors);
                PathRules.Relative(gitRepo.Directory, path + ".directory", errors);
                break;
            case EphemeralVolumeSource { VolumeClaimTemplate: null }:
                errors.Required(path + ".volumeClaimTemplate");
                break;
            case EphemeralVolumeSource ephemeral:
                if (ephemeral.VolumeClaimTemplate.Spec is not { AccessModes.Count: > 0 })
                {
                    errors.Required(path + ".volumeClaimTemplate.spec.accessModes", "at least one access mode is required");
                }

                break;
        }
    }

    private static void ValidateEmptyDir(EmptyDirVolumeSource emptyDir, string path, FieldErrors errors)
    {
        string medium = emptyDir.Medium;
        if (medium is not ("" or "Memory" or "HugePages") && !medium.StartsWith("HugePages-", StringComparison.Ordinal))
        {
            errors.OneOf(path + ".medium", medium, "", "HugePages", "HugePages-*", "Memory");
        }

        if (emptyDir.SizeLimit is { } limit && (!limit.IsValid || limit.Sign < 0))
        {
            errors.Forbidden(path + ".sizeLimit", "must be a valid resource quantity that is not negative");
        }
    }

    /// <summary>Keys that become files.</summary>
    public static void ValidateItems(IReadOnlyList<KeyToPath> items, string path, FieldErrors errors)
    {
        for (int index = 0; index < items.Count; index++)
        {
            KeyToPath item = items[index];
            string itemPath = $"{path}[{index}]";
            Require(item.Key, itemPath + ".key", errors);
            Require(item.Path, itemPath + ".path", errors);
            PathRules.ProjectedFile(item.Path, itemPath + ".path", errors);
            ValidateMode(item.Mode, itemPath + ".mode", errors);
        }
    }
}
