using Google.Protobuf.Collections;
using PodAgent.Api.Core;
using PodAgent.Api.Resource;

namespace PodAgent.Api.Validation;

/// <summary>The rules for resource requests and limits.</summary>
internal static class ResourceValidation
{
    private const string HugePages = "hugepages-";
    private static readonly string[] s_standard = ["cpu", "memory", "ephemeral-storage"];

    public static void ValidateContainer(Container container, string path, PodContext context)
    {
        FieldErrors errors = context.Errors;
        ValidateResizePolicy(container, path + ".resizePolicy", errors);
        if (container.Resources is not { } resources)
        {
            return;
        }

        path += ".resources";
        Validate(resources, path, errors, ValidateContainerName);
        HashSet<string> claims = new(StringComparer.Ordinal);
        for (int index = 0; index < resources.Claims.Count; index++)
        {
            ResourceClaim claim = resources.Claims[index];
            string claimPath = $"{path}.claims[{index}]";
            if (claim.Name.Length == 0)
            {
                errors.Required(claimPath + ".name");
            }
            else if (!claims.Add($"{claim.Name}/{claim.Request}"))
            {
                errors.Duplicate(claimPath, claim.Name);
            }
            else if (!context.ResourceClaims.Contains(claim.Name))
            {
                errors.NotFound(claimPath + ".name", claim.Name);
            }
        }
    }

    /// <summary>Resources of the whole pod (KEP-2837): CPU, memory and huge pages only, and no less than the containers ask for together.</summary>
    public static void ValidatePod(PodContext context)
    {
        FieldErrors errors = context.Errors;
        ResourceRequirements resources = context.Spec.Resources;
        Validate(resources, "spec.resources", errors, static (name, path, collected) =>
        {
            if (name is not ("cpu" or "memory") && !name.StartsWith(HugePages, StringComparison.Ordinal))
            {
                collected.OneOf(path, name, "cpu", "hugepages-*", "memory");
            }
        });
        if (resources.Claims.Count > 0)
        {
            errors.Forbidden("spec.resources.claims", "claims cannot be set for the pod's own resources");
        }

        foreach ((string name, Quantity request) in resources.Requests.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            Quantity sum = context.Spec.Containers
                .Select(container => container.Resources?.Requests.GetValueOrDefault(name))
                .OfType<Quantity>()
                .Where(quantity => quantity.IsValid)
                .Aggregate(Quantity.FromValue(0), Quantity.Add);
            if (request.IsValid && sum.CompareTo(request) > 0)
            {
                errors.Invalid($"spec.resources.requests[{name}]", request.String, $"must be greater than or equal to aggregate container requests of {sum.String}");
            }
        }

        foreach ((string name, Quantity limit) in resources.Limits.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            for (int index = 0; index < context.Spec.Containers.Count; index++)
            {
                Quantity? own = context.Spec.Containers[index].Resources?.Limits.GetValueOrDefault(name);
                if (own is { IsValid: true } && limit.IsValid && own.CompareTo(limit) > 0)
                {
                    errors.Invalid($"spec.containers[{index}].resources.limits", own.String, $"must be less than or equal to pod limits of {limit.String}");
                }
            }
        }
    }

    public static void ValidateQuantities(MapField<string, Quantity> quantities, string path, FieldErrors errors)
    {
        foreach ((string name, Quantity quantity) in quantities.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            ValidateQuantity(name, quantity, $"{path}[{name}]", errors);
        }
    }

    private static void Validate(ResourceRequirements resources, string path, FieldErrors errors, Action<string, string, FieldErrors> validateName)
    {
        foreach ((string name, Quantity limit) in resources.Limits.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            validateName(name, path + ".limits", errors);
            ValidateQuantity(name, limit, $"{path}.limits[{name}]", errors);
        }

        foreach ((string name, Quantity request) in resources.Requests.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (resources.Limits.GetValueOrDefault(name)?.Equals(request) == true)
            {
                // Defaulted from the limit, whose problems have been reported.
                continue;
            }

            validateName(name, path + ".requests", errors);
            bool valid = ValidateQuantity(name, request, $"{path}.requests[{name}]", errors);
            ValidateAgainstLimit(name, request, resources.Limits.GetValueOrDefault(name), valid, path, errors);
        }

        IEnumerable<string> names = resources.Limits.Keys.Concat(resources.Requests.Keys);
        if (names.Any(IsHugePages) && !names.Any(name => name is "cpu" or "memory"))
        {
            errors.Forbidden(path, "HugePages require cpu or memory");
        }
    }

    private static void ValidateAgainstLimit(string name, Quantity request, Quantity? limit, bool valid, string path, FieldErrors errors)
    {
        bool overcommit = s_standard.Contains(name);
        if (limit is null)
        {
            if (!overcommit && (IsHugePages(name) || name.Contains('/', StringComparison.Ordinal)))
            {
                errors.Required(path + ".limits", $"limit must be set for {name}, which cannot be overcommitted");
            }

            return;
        }

        if (!valid || !limit.IsValid)
        {
            return;
        }

        int order = request.CompareTo(limit);
        if (!overcommit && order != 0)
        {
            errors.Invalid(path + ".requests", request.String, $"must be equal to {name} limit of {limit.String}");
        }
        else if (order > 0)
        {
            errors.Invalid(path + ".requests", request.String, $"must be less than or equal to {name} limit of {limit.String}");
        }
    }

    private static bool ValidateQuantity(string name, Quantity quantity, string path, FieldErrors errors)
    {
        if (!quantity.IsValid)
        {
            errors.Invalid(path, quantity.String, "must be a quantity such as \"500m\" or \"1Gi\"");
            return false;
        }

        if (quantity.Sign < 0)
        {
            errors.Invalid(path, quantity.String, "must be greater than or equal to 0");
            return false;
        }

        bool whole = !s_standard.Contains(name) && !IsHugePages(name);
        if (whole && Quantity.FromValue(quantity.Value()).CompareTo(quantity) != 0)
        {
            errors.Invalid(path, quantity.String, "must be an integer");
            return false;
        }

        if (IsHugePages(name) && Quantity.TryParse(name[HugePages.Length..], out Quantity? size) && size.Value() > 0
            && quantity.Value() % size.Value() != 0)
        {
            errors.Invalid(path, quantity.String, $"must be a multiple of the page size {size.String}");
            return false;
        }

        return true;
    }

    private static void ValidateContainerName(string name, string path, FieldErrors errors)
    {
        if (s_standard.Contains(name))
        {
            return;
        }

        List<string> problems = NameRules.QualifiedName(name);
        errors.Invalid(path, name, problems);
        if (problems.Count > 0)
        {
            return;
        }

        if (IsHugePages(name))
        {
            if (!Quantity.TryParse(name[HugePages.Length..], out Quantity? size) || size.Sign <= 0)
            {
                errors.Invalid(path, name, "must name a page size such as hugepages-2Mi");
            }
        }
        else if (!name.Contains('/', StringComparison.Ordinal))
        {
            errors.Invalid(path, name, "must be a standard resource type (cpu, memory, ephemeral-storage, hugepages-*) or fully qualified");
        }
        else if (name.StartsWith("kubernetes.io/", StringComparison.Ordinal) || name.Contains(".kubernetes.io/", StringComparison.Ordinal))
        {
            errors.Invalid(path, name, "must be a standard resource for containers");
        }
    }

    private static void ValidateResizePolicy(Container container, string path, FieldErrors errors)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        for (int index = 0; index < container.ResizePolicy.Count; index++)
        {
            ContainerResizePolicy policy = container.ResizePolicy[index];
            string policyPath = $"{path}[{index}]";
            if (policy.ResourceName.Length == 0)
            {
                errors.Required(policyPath + ".resourceName");
            }
            else if (errors.OneOf(policyPath + ".resourceName", policy.ResourceName, "cpu", "memory") && !seen.Add(policy.ResourceName))
            {
                errors.Duplicate(policyPath, policy.ResourceName);
            }

            if (policy.RestartPolicy.Length == 0)
            {
                errors.Required(policyPath + ".restartPolicy");
            }
            else
            {
                errors.OneOf(policyPath + ".restartPolicy", policy.RestartPolicy, "NotRequired", "RestartContainer");
            }
        }
    }

    private static bool IsHugePages(string name) => name.StartsWith(HugePages, StringComparison.Ordinal);
}
