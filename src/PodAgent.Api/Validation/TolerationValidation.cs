using PodAgent.Api.Core;

namespace PodAgent.Api.Validation;

/// <summary>The rules for tolerations.</summary>
internal static class TolerationValidation
{
    public static void Validate(IReadOnlyList<Toleration> tolerations, string path, FieldErrors errors)
    {
        for (int index = 0; index < tolerations.Count; index++)
        {
            Validate(tolerations[index], $"{path}[{index}]", errors);
        }
    }

    private static void Validate(Toleration toleration, string path, FieldErrors errors)
    {
        if (toleration.Key.Length > 0)
        {
            errors.Invalid(path + ".key", toleration.Key, NameRules.QualifiedName(toleration.Key));
        }
        else if (toleration.Operator != "Exists")
        {
            errors.Invalid(path + ".operator", toleration.Operator, "operator must be Exists when `key` is empty, which matches all keys and values");
        }

        if (toleration.HasTolerationSeconds && toleration.Effect != "NoExecute")
        {
            errors.Invalid(path + ".effect", toleration.Effect, "effect must be 'NoExecute' when `tolerationSeconds` is set");
        }

        switch (toleration.Operator)
        {
            case "" or "Equal" or "Lt" or "Gt":
                errors.Invalid(path + ".value", toleration.Value, NameRules.LabelValue(toleration.Value));
                break;
            case "Exists":
                if (toleration.Value.Length > 0)
                {
                    errors.Invalid(path + ".value", toleration.Value, "value must be empty when `operator` is 'Exists'");
                }

                break;
            default:
                errors.OneOf(path + ".operator", toleration.Operator, "Equal", "Exists", "Gt", "Lt");
                break;
        }

        if (toleration.Effect.Length > 0)
        {
            errors.OneOf(path + ".effect", toleration.Effect, "NoExecute", "NoSchedule", "PreferNoSchedule");
        }
    }
}
