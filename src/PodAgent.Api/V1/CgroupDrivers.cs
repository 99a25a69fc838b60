namespace PodAgent.Api.V1;

/// <summary>Values of <see cref="AgentConfiguration.CgroupDriver"/>.</summary>
public static class CgroupDrivers
{
    /// <summary>The agent makes cgroups itself.</summary>
    public const string Cgroupfs = "cgroupfs";

    /// <summary>systemd makes them, as slices and scopes.</summary>
    public const string Systemd = "systemd";
}
