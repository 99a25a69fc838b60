using PodAgent.Api.Core;
using PodAgent.Api.Resource;

namespace PodAgent.Api.Validation;

/// <summary>The rules for what the downward API can show.</summary>
internal static class FieldSelectorValidation
{
    private static readonly string[] s_resources =
    [
        "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory",
    ];

    private static readonly string[] s_cpuDivisors = ["1", "1m"];
    private static readonly string[] s_byteDivisors = ["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"];

    public static void Validate(ObjectFieldSelector selector, string path, string[] supported, FieldErrors errors)
    {
        if (selector.ApiVersion.Length == 0)
        {
            errors.Required(path + ".apiVersion");
            return;
        }

        if (selector.FieldPath.Length == 0)
        {
            errors.Required(path + ".fieldPath");
            return;
        }

        errors.OneOf(path + ".apiVersion", selector.ApiVersion, "v1");
        if (!TrySubscript(selector.FieldPath, out string field, out string key))
        {
            errors.OneOf(path + ".fieldPath", selector.FieldPath, supported);
            return;
        }

        switch (field)
        {
            case "metadata.labels":
                errors.Invalid(path, key, NameRules.QualifiedName(key));
                break;
            case "metadata.annotations":
                errors.Invalid(path, key, NameRules.QualifiedName(key.ToLowerInvariant()));
                break;
            default:
                errors.Invalid(path, selector.FieldPath, "does not support subscript");
                break;
        }
    }

    public static void Validate(ResourceFieldSelector selector, string path, bool requireContainer, FieldErrors errors)
    {
        if (requireContainer && selector.ContainerName.Length == 0)
        {
            errors.Required(path + ".containerName");
        }

        if (selector.Resource.Length == 0)
        {
            errors.Required(path + ".resource");
            return;
        }

        string resource = selector.Resource;
        bool hugePages = resource.StartsWith("limits.hugepages-", StringComparison.Ordinal) || resource.StartsWith("requests.hugepages-", StringComparison.Ordinal);
        if ((hugePages || errors.OneOf(path + ".resource", resource, s_resources)) && selector.Divisor is { String.Length: > 0 } divisor)
        {
            string[] allowed = resource.EndsWith(".cpu", StringComparison.Ordinal) ? s_cpuDivisors : s_byteDivisors;
            if (!divisor.IsValid || (divisor.Sign != 0 && !allowed.Any(one => Quantity.Parse(one).CompareTo(divisor) == 0)))
            {
                errors.Invalid(path + ".divisor", divisor.String, $"must be one of {string.Join(", ", allowed)} for {resource}");
            }
        }
    }

    /// <summary><c>metadata.labels['key']</c>.</summary>
    private static bool TrySubscript(string text, out string field, out string key)
    {
        int open = text.IndexOf("['", StringComparison.Ordinal);
        bool found = open > 0 && text.EndsWith("']", StringComparison.Ordinal) && text.Length >= open + 4;
        field = found ? text[..open] : text;
        key = found ? text[(open + 2)..^2] : "";
        return found;
    }
}
