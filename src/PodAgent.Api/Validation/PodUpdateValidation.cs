using PodAgent.Api.Core;
using PodAgent.Api.Json;

namespace PodAgent.Api.Validation;

/// <summary>What may change about a pod that exists.</summary>
internal static class PodUpdateValidation
{
    private const int ShownFields = 5;
    private const string Immutable = "field is immutable";

    private const string SpecRule = "pod updates may not change fields other than `spec.containers[*].image`, `spec.initContainers[*].image`, "
        + "`spec.activeDeadlineSeconds`, `spec.tolerations` (only additions) and `spec.terminationGracePeriodSeconds` (from a negative value to 1)";

    public static void Validate(Pod newPod, Pod oldPod, FieldErrors errors)
    {
        ValidateMetadata(newPod, oldPod, errors);
        PodSpec newSpec = newPod.Spec ?? new PodSpec();
        PodSpec oldSpec = oldPod.Spec ?? new PodSpec();
        if (newSpec.Containers.Count != oldSpec.Containers.Count || newSpec.InitContainers.Count != oldSpec.InitContainers.Count)
        {
            string list = newSpec.Containers.Count != oldSpec.Containers.Count ? "containers" : "initContainers";
            errors.Forbidden($"spec.{list}", "pod updates may not add or remove containers");
            return;
        }

        ValidateImages(newSpec.Containers, "spec.containers", errors);
        ValidateImages(newSpec.InitContainers, "spec.initContainers", errors);
        ValidateDeadline(newSpec, oldSpec, errors);
        ValidateTolerations(newSpec, oldSpec, errors);

        // What remains must be the same once everything that may differ has been levelled out.
        PodSpec level = newSpec.Clone();
        LevelImages(level.Containers, oldSpec.Containers);
        LevelImages(level.InitContainers, oldSpec.InitContainers);
        level.ClearActiveDeadlineSeconds();
        if (oldSpec.HasActiveDeadlineSeconds)
        {
            level.ActiveDeadlineSeconds = oldSpec.ActiveDeadlineSeconds;
        }

        level.Tolerations.Clear();
        level.Tolerations.AddRange(oldSpec.Tolerations);
        if (oldSpec.TerminationGracePeriodSeconds < 0 && newSpec.TerminationGracePeriodSeconds == 1)
        {
            level.TerminationGracePeriodSeconds = oldSpec.TerminationGracePeriodSeconds;
        }

        IReadOnlyList<string> differences = MessageDifference.Find(oldSpec, level, "spec");
        if (differences.Count > 0)
        {
            string more = differences.Count > ShownFields ? $" and {differences.Count - ShownFields} more" : "";
            errors.Forbidden("spec", $"{SpecRule}; changed: {string.Join(", ", differences.Take(ShownFields))}{more}");
        }
    }

    private static void ValidateMetadata(Pod newPod, Pod oldPod, FieldErrors errors)
    {
        CheckSame(newPod.Metadata?.Name ?? "", oldPod.Metadata?.Name ?? "", "metadata.name", errors);
        CheckSame(newPod.Metadata?.Namespace ?? "", oldPod.Metadata?.Namespace ?? "", "metadata.namespace", errors);

        // A manifest that is applied again does not know the UID that the agent gave out.
        if (newPod.Metadata is { Uid.Length: > 0 } meta)
        {
            CheckSame(meta.Uid, oldPod.Metadata?.Uid ?? "", "metadata.uid", errors);
        }
    }

    private static void CheckSame(string value, string old, string path, FieldErrors errors)
    {
        if (value != old)
        {
            errors.Invalid(path, value, Immutable);
        }
    }

    private static void ValidateImages(IReadOnlyList<Container> containers, string path, FieldErrors errors)
    {
        for (int index = 0; index < containers.Count; index++)
        {
            ContainerValidation.ValidateImage(containers[index].Image, $"{path}[{index}].image", errors);
        }
    }

    private static void LevelImages(IReadOnlyList<Container> containers, IReadOnlyList<Container> old)
    {
        for (int index = 0; index < containers.Count; index++)
        {
            containers[index].Image = old[index].Image;
        }
    }

    private static void ValidateDeadline(PodSpec newSpec, PodSpec oldSpec, FieldErrors errors)
    {
        const string Path = "spec.activeDeadlineSeconds";
        if (newSpec.HasActiveDeadlineSeconds)
        {
            long value = newSpec.ActiveDeadlineSeconds;
            errors.Invalid(Path, value, NameRules.InRange(value, 1, int.MaxValue));
            if (oldSpec.HasActiveDeadlineSeconds && oldSpec.ActiveDeadlineSeconds < value)
            {
                errors.Invalid(Path, value, "must be less than or equal to previous value");
            }
        }
        else if (oldSpec.HasActiveDeadlineSeconds)
        {
            errors.Invalid(Path, "", "must not update from a positive integer to nil value");
        }
    }

    private static void ValidateTolerations(PodSpec newSpec, PodSpec oldSpec, FieldErrors errors)
    {
        TolerationValidation.Validate(newSpec.Tolerations, "spec.tolerations", errors);
        foreach (Toleration old in oldSpec.Tolerations)
        {
            // Only how long a taint is tolerated may be changed.
            bool kept = newSpec.Tolerations.Any(toleration =>
            {
                Toleration level = toleration.Clone();
                level.ClearTolerationSeconds();
                Toleration expected = old.Clone();
                expected.ClearTolerationSeconds();
                return MessageDifference.Find(expected, level, "").Count == 0;
            });
            if (!kept)
            {
                errors.Forbidden("spec.tolerations", "existing toleration can not be modified except its tolerationSeconds");
                return;
            }
        }
    }
}
