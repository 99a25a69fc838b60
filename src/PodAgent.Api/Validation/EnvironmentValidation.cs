using PodAgent.Api.Core;

namespace PodAgent.Api.Validation;

/// <summary>The rules for <c>env</c> and <c>envFrom</c>.</summary>
internal static class EnvironmentValidation
{
    private static readonly string[] s_fieldPaths =
    [
        "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs",
        "status.podIP", "status.podIPs",
    ];

    public static void Validate(Container container, string path, PodContext context)
    {
        FieldErrors errors = context.Errors;
        for (int index = 0; index < container.EnvFrom.Count; index++)
        {
            Validate(container.EnvFrom[index], $"{path}.envFrom[{index}]", errors);
        }

        for (int index = 0; index < container.Env.Count; index++)
        {
            EnvVar variable = container.Env[index];
            string variablePath = $"{path}.env[{index}]";
            if (variable.Name.Length == 0)
            {
                errors.Required(variablePath + ".name");
            }
            else
            {
                errors.Invalid(variablePath + ".name", variable.Name, NameRules.EnvironmentName(variable.Name));
            }

            if (variable.ValueFrom is not null)
            {
                ValidateSource(variable, variablePath + ".valueFrom", context);
            }
        }
    }

    private static void Validate(EnvFromSource source, string path, FieldErrors errors)
    {
        if (source.Prefix.Length > 0)
        {
            errors.Invalid(path + ".prefix", source.Prefix, NameRules.EnvironmentName(source.Prefix));
        }

        if (source.ConfigMapRef is not null && source.SecretRef is not null)
        {
            errors.Invalid(path, "", "may not have more than one field specified at a time");
        }
        else if (source.ConfigMapRef is not null)
        {
            RequireName(source.ConfigMapRef.LocalObjectReference, path + ".configMapRef.name", errors);
        }
        else if (source.SecretRef is not null)
        {
            RequireName(source.SecretRef.LocalObjectReference, path + ".secretRef.name", errors);
        }
        else
        {
            errors.Invalid(path, "", "must specify one of: `configMapRef` or `secretRef`");
        }
    }

    private static void ValidateSource(EnvVar variable, string path, PodContext context)
    {
        FieldErrors errors = context.Errors;
        EnvVarSource source = variable.ValueFrom;
        int count = 0;
        if (source.FieldRef is not null)
        {
            count++;
            FieldSelectorValidation.Validate(source.FieldRef, path + ".fieldRef", s_fieldPaths, errors);
        }

        if (source.ResourceFieldRef is not null)
        {
            count++;
            FieldSelectorValidation.Validate(source.ResourceFieldRef, path + ".resourceFieldRef", requireContainer: false, errors);
        }

        if (source.ConfigMapKeyRef is { } configMap)
        {
            count++;
            ValidateKey(configMap.LocalObjectReference, configMap.Key, path + ".configMapKeyRef", errors);
        }

        if (source.SecretKeyRef is { } secret)
        {
            count++;
            ValidateKey(secret.LocalObjectReference, secret.Key, path + ".secretKeyRef", errors);
        }

        if (source.FileKeyRef is not null)
        {
            count++;
            ValidateFile(source.FileKeyRef, path + ".fileKeyRef", context);
        }

        if (count == 0)
        {
            errors.Invalid(path, "", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`");
        }
        else if (variable.Value.Length > 0)
        {
            errors.Invalid(path, "", "may not be specified when `value` is not empty");
        }
        else if (count > 1)
        {
            errors.Invalid(path, "", "may not have more than one field specified at a time");
        }
    }

    private static void ValidateKey(LocalObjectReference? reference, string key, string path, FieldErrors errors)
    {
        RequireName(reference, path + ".name", errors);
        if (key.Length == 0)
        {
            errors.Required(path + ".key");
        }
        else
        {
            errors.Invalid(path + ".key", key, NameRules.ConfigKey(key));
        }
    }

    private static void ValidateFile(FileKeySelector file, string path, PodContext context)
    {
        FieldErrors errors = context.Errors;
        if (file.VolumeName.Length == 0)
        {
            errors.Required(path + ".volumeName");
        }
        else if (!context.Volumes.TryGetValue(file.VolumeName, out Volume? volume))
        {
            errors.NotFound(path + ".volumeName", file.VolumeName);
        }
        else if (volume.VolumeSource?.EmptyDir is null)
        {
            errors.Invalid(path + ".volumeName", file.VolumeName, "must name an emptyDir volume");
        }

        if (file.Path.Length == 0)
        {
            errors.Required(path + ".path");
        }
        else
        {
            PathRules.Relative(file.Path, path + ".path", errors);
        }

        if (file.Key.Length == 0)
        {
            errors.Required(path + ".key");
        }
        else
        {
            errors.Invalid(path + ".key", file.Key, NameRules.EnvironmentName(file.Key));
        }
    }

    private static void RequireName(LocalObjectReference? reference, string path, FieldErrors errors)
    {
        if (string.IsNullOrEmpty(reference?.Name))
        {
            errors.Required(path);
        }
        else
        {
            errors.Invalid(path, reference.Name, NameRules.Subdomain(reference.Name));
        }
    }
}
