using PodAgent.Api.Core;

namespace PodAgent.Api.Validation;

/// <summary>The rules for volumes whose files the agent writes from several sources.</summary>
internal static class ProjectedVolumeValidation
{
    private const long MinTokenSeconds = 600;
    private const long MaxTokenSeconds = 1L << 32;
    private const int MinCertificateSeconds = 3600;
    private const int MaxCertificateSeconds = 91 * 24 * 3600;

    private static readonly string[] s_fieldPaths = ["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];

    public static void Validate(ProjectedVolumeSource projected, string path, FieldErrors errors)
    {
        VolumeValidation.ValidateMode(projected.DefaultMode, path + ".defaultMode", errors);
        HashSet<string> paths = new(StringComparer.Ordinal);
        for (int index = 0; index < projected.Sources.Count; index++)
        {
            VolumeProjection source = projected.Sources[index];
            string sourcePath = $"{path}.sources[{index}]";
            ValidateOne(source, sourcePath, errors);
            foreach (string file in FilesOf(source).Where(file => file.Length > 0))
            {
                if (!paths.Add(file))
                {
                    errors.Invalid(sourcePath, file, "conflicting duplicate paths");
                }
            }
        }
    }

    public static void ValidateFiles(IReadOnlyList<DownwardAPIVolumeFile> files, string path, FieldErrors errors)
    {
        for (int index = 0; index < files.Count; index++)
        {
            DownwardAPIVolumeFile file = files[index];
            string filePath = $"{path}[{index}]";
            VolumeValidation.Require(file.Path, filePath + ".path", errors);
            PathRules.ProjectedFile(file.Path, filePath + ".path", errors);
            if (file.HasMode)
            {
                VolumeValidation.ValidateMode(file.Mode, filePath + ".mode", errors);
            }

            if (file.FieldRef is not null)
            {
                FieldSelectorValidation.Validate(file.FieldRef, filePath + ".fieldRef", s_fieldPaths, errors);
                if (file.ResourceFieldRef is not null)
                {
                    errors.Invalid(filePath, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously");
                }
            }
            else if (file.ResourceFieldRef is not null)
            {
                FieldSelectorValidation.Validate(file.ResourceFieldRef, filePath + ".resourceFieldRef", requireContainer: true, errors);
            }
            else
            {
                errors.Required(filePath, "one of fieldRef and resourceFieldRef is required");
            }
        }
    }

    private static void ValidateOne(VolumeProjection source, string path, FieldErrors errors)
    {
        int count = 0;
        if (source.Secret is { } secret)
        {
            count++;
            VolumeValidation.Require(secret.LocalObjectReference?.Name ?? "", path + ".secret.name", errors);
            VolumeValidation.ValidateItems(secret.Items, path + ".secret.items", errors);
        }

        if (source.ConfigMap is { } configMap)
        {
            count++;
            VolumeValidation.Require(configMap.LocalObjectReference?.Name ?? "", path + ".configMap.name", errors);
            VolumeValidation.ValidateItems(configMap.Items, path + ".configMap.items", errors);
        }

        if (source.DownwardAPI is { } downward)
        {
            count++;
            ValidateFiles(downward.Items, path + ".downwardAPI.items", errors);
        }

        if (source.ServiceAccountToken is { } token)
        {
            count++;
            ValidateToken(token, path + ".serviceAccountToken", errors);
        }

        if (source.ClusterTrustBundle is { } bundle)
        {
            count++;
            VolumeValidation.Require(bundle.Path, path + ".clusterTrustBundle.path", errors);
            PathRules.ProjectedFile(bundle.Path, path + ".clusterTrustBundle.path", errors);
            if (bundle.HasName == bundle.HasSignerName)
            {
                errors.Required(path + ".clusterTrustBundle", "exactly one of name and signerName must be specified");
            }
        }

        if (source.PodCertificate is { } certificate)
        {
            count++;
            ValidateCertificate(certificate, path + ".podCertificate", errors);
        }

        if (count == 0)
        {
            errors.Required(path, "must specify a projection source");
        }
        else if (count > 1)
        {
            errors.Forbidden(path, "may not specify more than 1 projection source");
        }
    }

    private static void ValidateToken(ServiceAccountTokenProjection token, string path, FieldErrors errors)
    {
        if (token.ExpirationSeconds < MinTokenSeconds)
        {
            errors.Invalid(path + ".expirationSeconds", token.ExpirationSeconds, "may not specify a duration less than 10 minutes");
        }
        else if (token.ExpirationSeconds > MaxTokenSeconds)
        {
            errors.Invalid(path + ".expirationSeconds", token.ExpirationSeconds, "may not specify a duration larger than 2^32 seconds");
        }

        VolumeValidation.Require(token.Path, path + ".path", errors);
        PathRules.ProjectedFile(token.Path, path + ".path", errors);
    }

    private static void ValidateCertificate(PodCertificateProjection certificate, string path, FieldErrors errors)
    {
        VolumeValidation.Require(certificate.SignerName, path + ".signerName", errors);
        VolumeValidation.Require(certificate.KeyType, path + ".keyType", errors);
        if (certificate.HasMaxExpirationSeconds)
        {
            errors.Invalid(path + ".maxExpirationSeconds", certificate.MaxExpirationSeconds,
                NameRules.InRange(certificate.MaxExpirationSeconds, MinCertificateSeconds, MaxCertificateSeconds));
        }

        if (certificate.CredentialBundlePath.Length + certificate.KeyPath.Length + certificate.CertificateChainPath.Length == 0)
        {
            errors.Required(path, "specify at least one of credentialBundlePath, keyPath and certificateChainPath");
        }

        PathRules.ProjectedFile(certificate.CredentialBundlePath, path + ".credentialBundlePath", errors);
        PathRules.ProjectedFile(certificate.KeyPath, path + ".keyPath", errors);
        PathRules.ProjectedFile(certificate.CertificateChainPath, path + ".certificateChainPath", errors);
    }

    private static IEnumerable<string> FilesOf(VolumeProjection source)
    {
        IEnumerable<string> files = (source.Secret?.Items ?? []).Select(item => item.Path)
            .Concat((source.ConfigMap?.Items ?? []).Select(item => item.Path))
            .Concat((source.DownwardAPI?.Items ?? []).Select(file => file.Path));
        return files
            .Append(source.ServiceAccountToken?.Path ?? "")
            .Append(source.ClusterTrustBundle?.Path ?? "")
            .Append(source.PodCertificate?.CredentialBundlePath ?? "")
            .Append(source.PodCertificate?.KeyPath ?? "")
            .Append(source.PodCertificate?.CertificateChainPath ?? "");
    }
}
