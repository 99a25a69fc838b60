using PodAgent.Api.Cri;
using PodAgent.Cri.Cdi;
using PodAgent.Cri.Stores;
using PodAgent.Images;
using Wire = PodAgent.Containers.Protocol;

namespace PodAgent.Cri.Containers.Specs;

/// <summary>Everything that <see cref="ContainerSpecBuilder"/> decides from.</summary>
internal sealed record ContainerSpecInput
{
    public required string Id { get; init; }

    public required ContainerConfig Config { get; init; }

    public required SandboxRecord Sandbox { get; init; }

    public required string SandboxDirectory { get; init; }

    public required string Hostname { get; init; }

    public required ImageRecord Image { get; init; }

    public required ProcessIdentity Identity { get; init; }

    public required IReadOnlyList<string> CgroupPaths { get; init; }

    public required string LogPath { get; init; }

    public required IReadOnlyList<(Wire.Device Device, string Access)> Devices { get; init; }

    // Directory of the node by path in the container.
    public required IReadOnlyDictionary<string, string> ImageVolumes { get; init; }

    // What its CDI devices change; their devices are among Devices already.
    public CdiEdits Cdi { get; init; } = CdiEdits.None;

    // The image of each mount that has one, in the configuration's order.
    public IReadOnlyList<ImageRecord> VolumeImages { get; init; } = [];

    // The container whose process IDs are shared, for the TARGET mode.
    public string PidTarget { get; init; } = "";
}
