namespace PodAgent.Pods.Runtime;

/// <summary>Labels and annotations on the runtime's objects. The kubelet's names: crictl, log shippers and metric agents read them.</summary>
internal static class RuntimeLabels
{
    public const string PodName = "io.kubernetes.pod.name";
    public const string PodNamespace = "io.kubernetes.pod.namespace";
    public const string PodUid = "io.kubernetes.pod.uid";
    public const string ContainerName = "io.kubernetes.container.name";
    /// <summary>Ours: which engine made the object, so that nobody else's pods on a shared runtime are ever touched.</summary>
    public const string Engine = "io.podagent.engine";

    public const string ContainerHash = "io.kubernetes.container.hash";
    public const string ContainerRestartCount = "io.kubernetes.container.restartCount";
    public const string TerminationMessagePath = "io.kubernetes.container.terminationMessagePath";
    public const string TerminationMessagePolicy = "io.kubernetes.container.terminationMessagePolicy";
    public const string PreStopHandler = "io.kubernetes.container.preStopHandler";
    public const string Ports = "io.kubernetes.container.ports";
    public const string PodTerminationGracePeriod = "io.kubernetes.pod.terminationGracePeriod";
    /// <summary>Ours: the host file behind the termination message path.</summary>
    public const string TerminationLog = "io.podagent.terminationLog";

    public const string ConfigSource = "kubernetes.io/config.source";
    public const string ConfigHash = "kubernetes.io/config.hash";
    public const string ConfigSeen = "kubernetes.io/config.seen";
}
