using System.Text;
using Google.Protobuf.Collections;
using PodAgent.Api.Meta;

namespace PodAgent.Api.Validation;

/// <summary>What holds for the metadata of every namespaced object.</summary>
internal static class ObjectMetaValidation
{
    private const int AnnotationBytes = 256 * 1024;

    public static void Validate(ObjectMeta? meta, FieldErrors errors)
    {
        if (meta is null)
        {
            errors.Required("metadata");
            return;
        }

        if (meta.GenerateName.Length > 0)
        {
            // Something will be appended, so a trailing hyphen is no mistake.
            string prefix = meta.GenerateName.TrimEnd('-', '.');
            errors.Invalid("metadata.generateName", meta.GenerateName, NameRules.Subdomain(prefix.Length == 0 ? meta.GenerateName : prefix));
        }

        if (meta.Name.Length > 0)
        {
            errors.Invalid("metadata.name", meta.Name, NameRules.Subdomain(meta.Name));
        }
        else if (meta.GenerateName.Length == 0)
        {
            errors.Required("metadata.name", "name or generateName is required");
        }

        if (meta.Namespace.Length == 0)
        {
            errors.Required("metadata.namespace");
        }
        else
        {
            errors.Invalid("metadata.namespace", meta.Namespace, NameRules.Label(meta.Namespace));
        }

        if (meta.Generation < 0)
        {
            errors.NotNegative("metadata.generation", meta.Generation);
        }

        ValidateLabels(meta.Labels, "metadata.labels", errors);
        ValidateAnnotations(meta.Annotations, errors);
        ValidateOwners(meta, errors);
        for (int index = 0; index < meta.Finalizers.Count; index++)
        {
            errors.Invalid($"metadata.finalizers[{index}]", meta.Finalizers[index], NameRules.QualifiedName(meta.Finalizers[index]));
        }
    }

    public static void ValidateLabels(MapField<string, string> labels, string path, FieldErrors errors)
    {
        foreach ((string key, string value) in labels.OrderBy(label => label.Key, StringComparer.Ordinal))
        {
            errors.Invalid(path, key, NameRules.QualifiedName(key));
            errors.Invalid($"{path}[{key}]", value, NameRules.LabelValue(value));
        }
    }

    private static void ValidateAnnotations(MapField<string, string> annotations, FieldErrors errors)
    {
        long size = 0;
        foreach ((string key, string value) in annotations.OrderBy(annotation => annotation.Key, StringComparer.Ordinal))
        {
            // Case is not looked at here, by old custom.
            errors.Invalid("metadata.annotations", key, NameRules.QualifiedName(key.ToLowerInvariant()));
            size += Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(value);
        }

        if (size > AnnotationBytes)
        {
            errors.TooLong("metadata.annotations", AnnotationBytes);
        }
    }

    private static void ValidateOwners(ObjectMeta meta, FieldErrors errors)
    {
        int controllers = 0;
        for (int index = 0; index < meta.OwnerReferences.Count; index++)
        {
            OwnerReference owner = meta.OwnerReferences[index];
            string path = $"metadata.ownerReferences[{index}]";
            RequireText(owner.ApiVersion, path + ".apiVersion", errors);
            RequireText(owner.Kind, path + ".kind", errors);
            RequireText(owner.Name, path + ".name", errors);
            RequireText(owner.Uid, path + ".uid", errors);
            controllers += owner.Controller ? 1 : 0;
        }

        if (controllers > 1)
        {
            errors.Forbidden("metadata.ownerReferences", "only one reference can have controller set to true");
        }
    }

    private static void RequireText(string value, string path, FieldErrors errors)
    {
        if (value.Length == 0)
        {
            errors.Required(path);
        }
    }
}
