using PodAgent.Api.Core;

namespace PodAgent.Api.Validation;

/// <summary>The rules for a container's own restart policy and its rules by exit code (KEP-5307).</summary>
internal static class RestartRuleValidation
{
    private const int MaxRules = 20;
    private const int MaxExitCodes = 255;

    public static void Validate(Container container, string path, ContainerRole role, FieldErrors errors)
    {
        if (role == ContainerRole.Ephemeral)
        {
            if (container.RestartPolicy.Length > 0 || container.RestartPolicyRules.Count > 0)
            {
                errors.Forbidden(path + ".restartPolicy", "cannot be set for an ephemeral container");
            }

            return;
        }

        if (container.HasRestartPolicy)
        {
            errors.OneOf(path + ".restartPolicy", container.RestartPolicy, "Always", "Never", "OnFailure");
        }
        else if (container.RestartPolicyRules.Count > 0)
        {
            errors.Required(path + ".restartPolicy", "must be set when `restartPolicyRules` are");
        }

        if (container.RestartPolicyRules.Count > 0 && role == ContainerRole.Sidecar)
        {
            errors.Forbidden(path + ".restartPolicyRules", "cannot be set for an init container with restartPolicy=Always");
        }

        if (container.RestartPolicyRules.Count > MaxRules)
        {
            errors.TooMany(path + ".restartPolicyRules", container.RestartPolicyRules.Count, MaxRules);
        }

        for (int index = 0; index < container.RestartPolicyRules.Count; index++)
        {
            Validate(container.RestartPolicyRules[index], $"{path}.restartPolicyRules[{index}]", errors);
        }
    }

    private static void Validate(ContainerRestartRule rule, string path, FieldErrors errors)
    {
        if (rule.Action.Length == 0)
        {
            errors.Required(path + ".action");
        }
        else
        {
            errors.OneOf(path + ".action", rule.Action, "Restart", "RestartAllContainers");
        }

        if (rule.ExitCodes is null)
        {
            errors.Required(path + ".exitCodes");
            return;
        }

        path += ".exitCodes";
        errors.OneOf(path + ".operator", rule.ExitCodes.Operator, "In", "NotIn");
        if (rule.ExitCodes.Values.Count == 0)
        {
            errors.Required(path + ".values");
        }
        else if (rule.ExitCodes.Values.Count > MaxExitCodes)
        {
            errors.TooMany(path + ".values", rule.ExitCodes.Values.Count, MaxExitCodes);
        }

        for (int index = 0; index < rule.ExitCodes.Values.Count; index++)
        {
            errors.Invalid($"{path}.values[{index}]", rule.ExitCodes.Values[index], NameRules.InRange(rule.ExitCodes.Values[index], 0, 255));
        }
    }
}
