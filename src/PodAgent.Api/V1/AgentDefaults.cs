namespace PodAgent.Api.V1;

/// <summary>What applies where neither the configuration file nor a flag says otherwise.</summary>
public static class AgentDefaults
{
    /// <summary>The configuration file, if it exists.</summary>
    public const string ConfigurationFile = "/etc/podagent/podagent.yaml";

    /// <summary><see cref="AgentConfiguration.Root"/>.</summary>
    public const string Root = "/var/lib/podagent";

    /// <summary><see cref="AgentConfiguration.State"/>.</summary>
    public const string State = "/run/podagent";

    /// <summary>Name of the socket in the state directory.</summary>
    public const string SocketName = "podagent.sock";

    /// <summary><see cref="AgentConfiguration.Manifests"/>.</summary>
    public const string Manifests = "/etc/podagent/manifests";

    /// <summary><see cref="AgentConfiguration.PodLogs"/>.</summary>
    public const string PodLogs = "/var/log/pods";

    /// <summary><see cref="AgentConfiguration.CgroupParent"/>.</summary>
    public const string CgroupParent = "podagent";

    /// <summary><see cref="AgentConfiguration.Busybox"/>.</summary>
    public const string Busybox = "/bin/busybox";

    /// <summary><see cref="NetworkConfiguration.Bridge"/>.</summary>
    public const string Bridge = "podagent0";

    /// <summary><see cref="NetworkConfiguration.Subnet"/>.</summary>
    public const string Subnet = "10.88.0.0/16";

    /// <summary><see cref="NetworkConfiguration.NftablesTable"/>.</summary>
    public const string NftablesTable = "podagent";

    /// <summary>Sets the fields that have none, but those whose default depends on the machine.</summary>
    public static void Complete(AgentConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration.Root = configuration.HasRoot ? configuration.Root : Root;
        configuration.State = configuration.HasState ? configuration.State : State;
        configuration.Socket = configuration.HasSocket ? configuration.Socket : Path.Combine(configuration.State, SocketName);
        configuration.Manifests = configuration.HasManifests ? configuration.Manifests : Manifests;
        configuration.PodLogs = configuration.HasPodLogs ? configuration.PodLogs : PodLogs;
        configuration.CgroupParent = configuration.HasCgroupParent ? configuration.CgroupParent : CgroupParent;
        configuration.Busybox = configuration.HasBusybox ? configuration.Busybox : Busybox;
        configuration.Network ??= new NetworkConfiguration();
        NetworkConfiguration network = configuration.Network;
        network.Bridge = network.HasBridge ? network.Bridge : Bridge;
        network.Subnet = network.HasSubnet ? network.Subnet : Subnet;
        network.NftablesTable = network.HasNftablesTable ? network.NftablesTable : NftablesTable;
    }
}
