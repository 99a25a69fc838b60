using PodAgent.Api.Defaults;
using PodAgent.Api.Validation;
using PodAgent.Pods.Volumes;

namespace PodAgent.Pods.Sources;

/// <summary>What becomes of a pod on its way in: defaults, the API's rules, then what this agent cannot do. Nothing is ignored silently.</summary>
internal static class PodAdmission
{
    /// <param name="raw">As the user wrote it; not changed.</param>
    /// <param name="problems">Every problem, one sentence each.</param>
    /// <returns>The complete pod, without status and without identity.</returns>
    public static Core.Pod Prepare(Core.Pod raw, out IReadOnlyList<string> problems)
    {
        Core.Pod pod = raw.Clone();
        pod.Status = null;
        pod.Metadata ??= new Meta.ObjectMeta();
        pod.Spec ??= new Core.PodSpec();
        pod.Metadata.ClearUid();
        pod.Metadata.ClearResourceVersion();
        pod.Metadata.CreationTimestamp = null;
        pod.Metadata.DeletionTimestamp = null;
        pod.Metadata.ClearDeletionGracePeriodSeconds();
        PodDefaults.Apply(pod);

        List<string> found = [.. PodValidation.ValidateCreate(pod).Select(e => e.ToString())];
        found.AddRange(Unsupported(pod.Spec));
        problems = found;
        return pod;
    }

    /// <summary>Fields that are accepted and have no effect on this node, one sentence each.</summary>
    public static IReadOnlyList<string> Warnings(Core.Pod pod)
    {
        Core.PodSpec spec = pod.Spec;
        List<string> warnings = [];
        void Add(bool present, string field, string why)
        {
            if (present)
            {
                warnings.Add($"{field} has no effect: {why}");
            }
        }

        const string Unscheduled = "pods of this agent are not scheduled";
        Add(spec.NodeSelector.Count > 0, "spec.nodeSelector", Unscheduled);
        Add(spec.Affinity is not null, "spec.affinity", Unscheduled);
        Add(spec.TopologySpreadConstraints.Count > 0, "spec.topologySpreadConstraints", Unscheduled);
        Add(spec.Tolerations.Count > 0, "spec.tolerations", Unscheduled);
        Add(spec.SchedulingGates.Count > 0, "spec.schedulingGates", Unscheduled);
        Add(spec.HasSchedulerName && spec.SchedulerName is not ("" or "default-scheduler"), "spec.schedulerName", Unscheduled);
        Add(spec.HasNodeName && spec.NodeName.Length > 0, "spec.nodeName", Unscheduled);
        Add(spec.PriorityClassName.Length > 0, "spec.priorityClassName", "this agent knows no priority classes");
        Add(spec.ServiceAccountName.Length > 0, "spec.serviceAccountName", "there is no API server to issue tokens");
        Add(spec.ImagePullSecrets.Count > 0, "spec.imagePullSecrets", "there is no API server to have secrets from; credentials of registries belong into the agent's auth files");
        Add(spec.ReadinessGates.Count > 0, "spec.readinessGates", "nothing sets their conditions here, so the pod never becomes ready");
        Add(spec.Overhead.Count > 0, "spec.overhead", "no runtime class defines it here");
        Add(spec.Containers.Any(c => c.ResizePolicy.Count > 0), "spec.containers[].resizePolicy", "resources cannot be changed in place yet");
        Add(spec.Containers.Any(c => c.RestartPolicyRules.Any(r => r.Action == "RestartAllContainers")),
            "spec.containers[].restartPolicyRules[].action RestartAllContainers", "only the container itself is restarted");
        return warnings;
    }

    private static IEnumerable<string> Unsupported(Core.PodSpec spec)
    {
        for (int i = 0; i < spec.Volumes.Count; i++)
        {
            if (VolumeSupport.Problem(spec.Volumes[i]) is { } problem)
            {
                yield return $"spec.volumes[{i}]: {problem}";
            }
        }

        if (spec.EphemeralContainers.Count > 0)
        {
            yield return "spec.ephemeralContainers: Forbidden: ephemeral containers cannot be part of a new pod";
        }

        if (spec.ResourceClaims.Count > 0)
        {
            yield return "spec.resourceClaims: dynamic resource allocation is not supported by this version";
        }

        if (spec.SetHostnameAsFQDN)
        {
            yield return "spec.setHostnameAsFQDN: is not supported by this version; set spec.hostnameOverride";
        }

        if (spec.Os is { Name: not ("" or "linux") })
        {
            yield return $"spec.os.name: this node runs linux, not {spec.Os.Name}";
        }

        foreach ((Core.Container container, string path) in
            spec.InitContainers.Select((c, i) => (c, $"spec.initContainers[{i}]")).Concat(spec.Containers.Select((c, i) => (c, $"spec.containers[{i}]"))))
        {
            if (container.VolumeDevices.Count > 0)
            {
                yield return $"{path}.volumeDevices: raw block volumes are not supported by this version";
            }

            if (container.Env.Any(e => e.ValueFrom?.FileKeyRef is not null))
            {
                yield return $"{path}.env: fileKeyRef is not supported by this version";
            }
        }
    }
}
