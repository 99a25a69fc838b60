namespace PodAgent.Pods.Runtime;

/// <summary>Everything that the runtime has of one pod at one moment. Sandboxes and containers: newest first.</summary>
internal sealed record PodRuntimeStatus(string Uid, IReadOnlyList<SandboxRecord> Sandboxes, IReadOnlyList<ContainerRecord> Containers)
{
    public static PodRuntimeStatus Empty(string uid) => new(uid, [], []);

    public SandboxRecord? NewestSandbox => Sandboxes.Count == 0 ? null : Sandboxes[0];

    /// <summary>The latest attempt of a container, in whatever sandbox it ran.</summary>
    public ContainerRecord? Latest(string name) => Containers.FirstOrDefault(c => c.Name == name);

    /// <summary>The latest attempt in one sandbox: init containers run again in each new sandbox.</summary>
    public ContainerRecord? Latest(string name, string sandboxId) =>
        Containers.FirstOrDefault(c => c.Name == name && c.SandboxId == sandboxId);

    /// <summary>The newest ended attempt before the latest one.</summary>
    public ContainerRecord? Previous(string name) =>
        Containers.Where(c => c.Name == name).Skip(1).FirstOrDefault(c => c.State == ContainerRunState.Exited);

    public bool AnythingAlive =>
        Sandboxes.Any(s => s.Ready) || Containers.Any(c => c.State is ContainerRunState.Running or ContainerRunState.Unknown);
}
