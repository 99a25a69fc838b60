using PodAgent.Api.Core;

namespace PodAgent.Api.Validation;

/// <summary>The rules for <c>volumeMounts</c> and <c>volumeDevices</c>.</summary>
internal static class VolumeMountValidation
{
    public static void Validate(Container container, string path, PodContext context)
    {
        HashSet<string> mountPaths = new(StringComparer.Ordinal);
        for (int index = 0; index < container.VolumeMounts.Count; index++)
        {
            Validate(container.VolumeMounts[index], $"{path}.volumeMounts[{index}]", container, context, mountPaths);
        }

        HashSet<string> devices = new(StringComparer.Ordinal);
        for (int index = 0; index < container.VolumeDevices.Count; index++)
        {
            Validate(container.VolumeDevices[index], $"{path}.volumeDevices[{index}]", context, mountPaths, devices);
        }
    }

    private static void Validate(VolumeMount mount, string path, Container container, PodContext context, HashSet<string> mountPaths)
    {
        FieldErrors errors = context.Errors;
        if (mount.Name.Length == 0)
        {
            errors.Required(path + ".name");
        }
        else if (!context.Volumes.TryGetValue(mount.Name, out Volume? volume))
        {
            errors.NotFound(path + ".name", mount.Name);
        }
        else if (volume.VolumeSource?.Image is not null && mount.SubPathExpr.Length > 0)
        {
            errors.Invalid(path + ".subPathExpr", mount.SubPathExpr, "not allowed for an image volume");
        }

        if (mount.MountPath.Length == 0)
        {
            errors.Required(path + ".mountPath");
        }
        else if (!mountPaths.Add(mount.MountPath))
        {
            errors.Invalid(path + ".mountPath", mount.MountPath, "must be unique");
        }

        if (mount.MountPath.Contains(':', StringComparison.Ordinal))
        {
            errors.Invalid(path + ".mountPath", mount.MountPath, "must not contain ':'");
        }

        ValidateSubPath(mount, path, errors);
        ValidatePropagation(mount, path, container, errors);
        ValidateReadOnly(mount, path, errors);
    }

    private static void ValidateSubPath(VolumeMount mount, string path, FieldErrors errors)
    {
        PathRules.Relative(mount.SubPath, path + ".subPath", errors);
        PathRules.Relative(mount.SubPathExpr, path + ".subPathExpr", errors);
        if (mount.SubPath.Length > 0 && mount.SubPathExpr.Length > 0)
        {
            errors.Invalid(path + ".subPathExpr", mount.SubPathExpr, "subPathExpr and subPath are mutually exclusive");
        }
    }

    private static void ValidatePropagation(VolumeMount mount, string path, Container container, FieldErrors errors)
    {
        if (mount.HasMountPropagation
            && errors.OneOf(path + ".mountPropagation", mount.MountPropagation, "Bidirectional", "HostToContainer", "None")
            && mount.MountPropagation == "Bidirectional"
            && container.SecurityContext is not { Privileged: true })
        {
            errors.Forbidden(path + ".mountPropagation", "Bidirectional mount propagation is available only to privileged containers");
        }
    }

    private static void ValidateReadOnly(VolumeMount mount, string path, FieldErrors errors)
    {
        path += ".recursiveReadOnly";
        if (!mount.HasRecursiveReadOnly
            || !errors.OneOf(path, mount.RecursiveReadOnly, "Disabled", "Enabled", "IfPossible")
            || mount.RecursiveReadOnly == "Disabled")
        {
            return;
        }

        if (!mount.ReadOnly)
        {
            errors.Forbidden(path, "may only be specified when readOnly is true");
        }

        if (mount.MountPropagation is not ("" or "None"))
        {
            errors.Forbidden(path, "may only be specified when mountPropagation is None or not specified");
        }
    }

    private static void Validate(VolumeDevice device, string path, PodContext context, HashSet<string> mountPaths, HashSet<string> devices)
    {
        FieldErrors errors = context.Errors;
        if (device.Name.Length == 0)
        {
            errors.Required(path + ".name");
        }
        else if (!context.Volumes.TryGetValue(device.Name, out Volume? volume))
        {
            errors.NotFound(path + ".name", device.Name);
        }
        else if (volume.VolumeSource is not ({ PersistentVolumeClaim: not null } or { Ephemeral: not null }))
        {
            errors.Invalid(path + ".name", device.Name, "can only use a persistentVolumeClaim or ephemeral volume as a block device");
        }

        if (device.DevicePath.Length == 0)
        {
            errors.Required(path + ".devicePath");
            return;
        }

        PathRules.NoBacksteps(device.DevicePath, path + ".devicePath", errors);
        if (!devices.Add(device.DevicePath))
        {
            errors.Invalid(path + ".devicePath", device.DevicePath, "must be unique");
        }

        if (mountPaths.Contains(device.DevicePath))
        {
            errors.Invalid(path + ".devicePath", device.DevicePath, "must not already exist as a path in volumeMounts");
        }
    }
}
