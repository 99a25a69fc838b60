namespace PodAgent.Pods;

/// <summary>What users call a pod: at most one pod of a name is desired at a time.</summary>
internal readonly record struct PodKey(string Namespace, string Name)
{
    public static PodKey Of(Core.Pod pod) => new(pod.Metadata.Namespace, pod.Metadata.Name);

    public override string ToString() => $"{Namespace}/{Name}";
}
