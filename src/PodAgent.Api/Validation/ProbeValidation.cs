using PodAgent.Api.Core;

namespace PodAgent.Api.Validation;

/// <summary>The rules for probes.</summary>
internal static class ProbeValidation
{
    public static void Validate(Container container, string path, FieldErrors errors)
    {
        Validate(container.LivenessProbe, path + ".livenessProbe", restarts: true, errors);
        Validate(container.ReadinessProbe, path + ".readinessProbe", restarts: false, errors);
        Validate(container.StartupProbe, path + ".startupProbe", restarts: true, errors);
    }

    private static void Validate(Probe? probe, string path, bool restarts, FieldErrors errors)
    {
        if (probe is null)
        {
            return;
        }

        HandlerValidation.Validate(probe.Handler ?? new ProbeHandler(), path, errors);
        errors.NotNegative(path + ".initialDelaySeconds", probe.InitialDelaySeconds);
        errors.NotNegative(path + ".timeoutSeconds", probe.TimeoutSeconds);
        errors.NotNegative(path + ".periodSeconds", probe.PeriodSeconds);
        errors.NotNegative(path + ".successThreshold", probe.SuccessThreshold);
        errors.NotNegative(path + ".failureThreshold", probe.FailureThreshold);
        if (probe.HasTerminationGracePeriodSeconds && probe.TerminationGracePeriodSeconds <= 0)
        {
            errors.Invalid(path + ".terminationGracePeriodSeconds", probe.TerminationGracePeriodSeconds, "must be greater than 0");
        }

        // The first failure of such a probe ends the container, and a success ends the series of failures.
        if (restarts && probe.SuccessThreshold != 1)
        {
            errors.Invalid(path + ".successThreshold", probe.SuccessThreshold, "must be 1");
        }

        if (!restarts && probe.HasTerminationGracePeriodSeconds)
        {
            errors.Invalid(path + ".terminationGracePeriodSeconds", probe.TerminationGracePeriodSeconds, "must not be set for readinessProbes");
        }
    }
}
