namespace PodAgent.Pods;

/// <summary>Questions about a pod's specification that more than one part asks.</summary>
internal static class PodSpecExtensions
{
    /// <summary>An init container with restartPolicy Always: started in order, never waited for, stopped last.</summary>
    public static bool IsSidecar(this Core.Container container) => container.RestartPolicy == "Always";

    public static IEnumerable<Core.Container> Sidecars(this Core.PodSpec spec) => spec.InitContainers.Where(IsSidecar);

    public static Core.Container? FindContainer(this Core.PodSpec spec, string name) =>
        spec.Containers.FirstOrDefault(c => c.Name == name) ?? spec.InitContainers.FirstOrDefault(c => c.Name == name);

    public static Core.Container Get(this Core.PodSpec spec, ContainerRef reference) =>
        reference.Init ? spec.InitContainers[reference.Index] : spec.Containers[reference.Index];

    public static TimeSpan GracePeriod(this Core.PodSpec spec) =>
        TimeSpan.FromSeconds(spec.HasTerminationGracePeriodSeconds ? Math.Max(0, spec.TerminationGracePeriodSeconds) : 30);

    public static string EffectiveRestartPolicy(this Core.PodSpec spec) => spec.HasRestartPolicy && spec.RestartPolicy.Length > 0 ? spec.RestartPolicy : "Always";
}

/// <summary>A container of a pod by its place in the specification.</summary>
internal readonly record struct ContainerRef(bool Init, int Index);
