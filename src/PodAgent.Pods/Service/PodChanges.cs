using PodAgent.Api.Json;
using PodAgent.Api.V1;
using PodAgent.Api.Validation;
using PodAgent.Pods.Sources;
using PodAgent.Pods.Workers;

namespace PodAgent.Pods.Service;

/// <summary>Creates, changes and deletes pods for clients.</summary>
internal sealed class PodChanges
{
    private readonly PodRegistry _registry;
    private readonly TimeProvider _time;

    public PodChanges(PodRegistry registry, TimeProvider time)
    {
        _registry = registry;
        _time = time;
    }

    public static PodKey KeyOf(string ns, string name) => new(ns.Length == 0 ? "default" : ns, name);

    public static AgentException NotFound(PodKey key) => new(ErrorKind.NotFound, $"pods \"{key.Name}\" not found in namespace \"{key.Namespace}\"");

    public ApplyPodResponse Apply(ApplyPodRequest request)
    {
        if (request.Pod is null)
        {
            throw new AgentException(ErrorKind.InvalidArgument, "pod: Required value");
        }

        Core.Pod given = request.Pod;
        if (given.Spec?.NodeName == _registry.NodeName)
        {
            // What a client read here it may send back; a pod as it is kept names no node.
            given = given.Clone();
            given.Spec.ClearNodeName();
        }

        Core.Pod pod = PodAdmission.Prepare(given, out IReadOnlyList<string> problems);
        if (problems.Count > 0)
        {
            throw new AgentException(ErrorKind.InvalidArgument, string.Join('\n', problems));
        }

        ApplyPodResponse response = _registry.Update(PodKey.Of(pod), entry => entry is null ? Create(pod, request) : Change(entry, pod, request));
        response.Warnings.AddRange(PodAdmission.Warnings(pod));
        return response;
    }

    public (Core.Pod Pod, Task Gone) Delete(DeletePodRequest request)
    {
        PodKey key = KeyOf(request.Namespace, request.Name);
        if (request.HasGracePeriodSeconds && request.GracePeriodSeconds < 0)
        {
            throw new AgentException(ErrorKind.InvalidArgument, "grace_period_seconds: Invalid value: must be greater than or equal to 0");
        }

        return _registry.Update(key, entry =>
        {
            if (entry is null)
            {
                throw NotFound(key);
            }

            string uid = entry.Worker.Uid;
            if (request.Uid.Length > 0 && request.Uid != uid)
            {
                throw new AgentException(
                    ErrorKind.FailedPrecondition, $"the UID in the precondition ({request.Uid}) does not match the UID of pod \"{key.Name}\" ({uid})");
            }

            PodWorkerState state = entry.Worker.State;
            if (entry.Worker.Source == PodSource.Manifest && !state.Remove)
            {
                throw new AgentException(ErrorKind.FailedPrecondition, $"pod \"{key.Name}\" comes from manifest \"{entry.File}\"; remove the file");
            }

            TimeSpan grace = request.HasGracePeriodSeconds ? TimeSpan.FromSeconds(request.GracePeriodSeconds) : state.Pod.Spec.GracePeriod();
            return (_registry.Delete(entry, grace), entry.Gone.Task);
        });
    }

    private ApplyPodResponse Create(Core.Pod pod, ApplyPodRequest request)
    {
        pod.Metadata.Uid = Guid.NewGuid().ToString();
        pod.Metadata.CreationTimestamp = _time.GetUtcNow().ToTime();
        pod.Metadata.Generation = 1;
        return new ApplyPodResponse
        {
            Outcome = ApplyPodResponse.Types.Outcome.Created,
            Pod = request.DryRun ? pod : _registry.AddAccepted(pod).Published,
        };
    }

    private ApplyPodResponse Change(PodEntry entry, Core.Pod pod, ApplyPodRequest request)
    {
        PodKey key = PodKey.Of(pod);
        PodWorkerState state = entry.Worker.State;
        if (state.Remove)
        {
            throw new AgentException(ErrorKind.AlreadyExists, $"pods \"{key.Name}\" already exists and is being deleted; try again when it is gone");
        }

        if (request.CreateOnly)
        {
            throw new AgentException(ErrorKind.AlreadyExists, $"pods \"{key.Name}\" already exists");
        }

        if (entry.Worker.Source == PodSource.Manifest)
        {
            throw new AgentException(ErrorKind.FailedPrecondition, $"pod \"{key.Name}\" comes from manifest \"{entry.File}\"; change the file");
        }

        Core.Pod old = state.Pod;
        pod.Metadata.Uid = old.Metadata.Uid;
        pod.Metadata.CreationTimestamp = old.Metadata.CreationTimestamp?.Clone();
        bool specChanged = MessageDifference.Find(old.Spec, pod.Spec).Count > 0;
        pod.Metadata.Generation = old.Metadata.Generation + (specChanged ? 1 : 0);
        IReadOnlyList<FieldError> problems = PodValidation.ValidateUpdate(pod, old);
        if (problems.Count > 0)
        {
            throw new AgentException(ErrorKind.InvalidArgument, string.Join('\n', problems));
        }

        bool metadataChanged = !old.Metadata.Labels.Equals(pod.Metadata.Labels) || !old.Metadata.Annotations.Equals(pod.Metadata.Annotations);
        if (!specChanged && !metadataChanged)
        {
            return new ApplyPodResponse { Outcome = ApplyPodResponse.Types.Outcome.Unchanged, Pod = entry.Published };
        }

        return new ApplyPodResponse
        {
            Outcome = ApplyPodResponse.Types.Outcome.Configured,
            Pod = request.DryRun ? pod : _registry.Change(entry, pod),
        };
    }
}
