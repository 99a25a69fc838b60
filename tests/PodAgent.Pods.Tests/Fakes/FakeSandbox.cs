namespace PodAgent.Pods.Tests.Fakes;

internal sealed class FakeSandbox
{
    public required string Id { get; init; }

    public required Cri.PodSandboxConfig Config { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public bool Ready { get; set; } = true;

    public string Ip { get; set; } = "";

    public Cri.PodSandboxStatus ToStatus() => new()
    {
        Id = Id,
        Metadata = Config.Metadata,
        State = Ready ? Cri.PodSandboxState.SandboxReady : Cri.PodSandboxState.SandboxNotready,
        CreatedAt = CreatedAt.ToUnixNanoseconds(),
        Network = new Cri.PodSandboxNetworkStatus { Ip = Ready ? Ip : "" },
        Linux = new Cri.LinuxPodSandboxStatus { Namespaces = new Cri.Namespace { Options = Config.Linux.SecurityContext.NamespaceOptions } },
    };
}
