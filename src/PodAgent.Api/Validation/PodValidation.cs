using PodAgent.Api.Core;

namespace PodAgent.Api.Validation;

/// <summary>The API server's rules for pods. Every problem is reported, in the order of the fields.</summary>
public static class PodValidation
{
    /// <summary>Validates a pod that is about to be created. Defaults must have been applied, as their absence is a problem by itself.</summary>
    /// <param name="pod">Not changed.</param>
    /// <returns>All problems; empty when the pod may run.</returns>
    public static IReadOnlyList<FieldError> ValidateCreate(Pod pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        FieldErrors errors = new();
        ObjectMetaValidation.Validate(pod.Metadata, errors);
        if (pod.Spec is null)
        {
            errors.Required("spec");
            return errors.All;
        }

        PodSpecValidation.Validate(pod.Spec, errors);
        if (pod.Spec.EphemeralContainers.Count > 0)
        {
            errors.Forbidden("spec.ephemeralContainers", "cannot be set on create");
        }

        return errors.All;
    }

    /// <summary>
    /// Validates a change of a pod: only container images, <c>activeDeadlineSeconds</c> (downwards), additional tolerations, labels and annotations
    /// can change while it runs.
    /// </summary>
    /// <param name="newPod">The pod as it shall be, with defaults applied.</param>
    /// <param name="oldPod">The pod as it is.</param>
    /// <returns>All problems; empty when the change is allowed.</returns>
    public static IReadOnlyList<FieldError> ValidateUpdate(Pod newPod, Pod oldPod)
    {
        ArgumentNullException.ThrowIfNull(newPod);
        ArgumentNullException.ThrowIfNull(oldPod);
        FieldErrors errors = new();
        ObjectMetaValidation.Validate(newPod.Metadata, errors);
        PodUpdateValidation.Validate(newPod, oldPod, errors);
        return errors.All;
    }
}
