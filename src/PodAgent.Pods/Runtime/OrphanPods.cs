using System.Globalization;
using PodAgent.Api.Json;

namespace PodAgent.Pods.Runtime;

/// <summary>Rebuilds as much of a forgotten pod as is needed to end it decently: names, grace period, hooks.</summary>
internal static class OrphanPods
{
    public static async Task<Core.Pod> RebuildAsync(Cri.RuntimeService.RuntimeServiceClient cri, Cri.PodSandbox sandbox, CancellationToken ct)
    {
        Core.Pod pod = new()
        {
            Metadata = new Meta.ObjectMeta
            {
                Name = sandbox.Metadata.Name,
                Namespace = sandbox.Metadata.Namespace,
                Uid = sandbox.Metadata.Uid,
            },
            Spec = new Core.PodSpec { RestartPolicy = "Never" },
        };
        if (sandbox.Annotations.TryGetValue(RuntimeLabels.PodTerminationGracePeriod, out string? grace)
            && long.TryParse(grace, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds))
        {
            pod.Spec.TerminationGracePeriodSeconds = seconds;
        }

        Cri.ListContainersRequest request = new() { Filter = new() };
        request.Filter.LabelSelector[RuntimeLabels.PodUid] = sandbox.Metadata.Uid;
        Cri.ListContainersResponse containers = await cri.ListContainersAsync(request, cancellationToken: ct);
        foreach (Cri.Container container in containers.Containers)
        {
            if (pod.Spec.Containers.All(c => c.Name != container.Metadata.Name))
            {
                pod.Spec.Containers.Add(Rebuild(container));
            }
        }

        return pod;
    }

    private static Core.Container Rebuild(Cri.Container container)
    {
        Core.Container rebuilt = new() { Name = container.Metadata.Name, Image = container.Image?.UserSpecifiedImage ?? container.Image?.Image ?? "" };
        if (container.Annotations.TryGetValue(RuntimeLabels.PreStopHandler, out string? json))
        {
            try
            {
                rebuilt.Lifecycle = new Core.Lifecycle { PreStop = KubernetesJson.Parse<Core.LifecycleHandler>(json) };
            }
            catch (Exception e) when (e is FormatException or Api.Manifests.ManifestException)
            {
                // Written by something else: then it stops without a hook.
            }
        }

        return rebuilt;
    }
}
