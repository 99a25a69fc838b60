using Wire = PodAgent.Containers.Protocol;

namespace PodAgent.Cri.Cdi;

/// <summary>What devices of the Container Device Interface change in a container.</summary>
internal sealed record CdiEdits
{
    public static readonly CdiEdits None = new();

    /// <summary>Variables, <c>NAME=value</c>.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>Device nodes with the access that the container gets.</summary>
    public IReadOnlyList<(Wire.Device Device, string Access)> Devices { get; init; } = [];

    /// <summary>Mounts beside those of the container's configuration.</summary>
    public IReadOnlyList<Wire.Mount> Mounts { get; init; } = [];

    /// <summary>Further groups of its processes.</summary>
    public IReadOnlyList<uint> Groups { get; init; } = [];

    public CdiEdits Append(CdiEdits more) => new()
    {
        Environment = [.. Environment, .. more.Environment],
        Devices = [.. Devices, .. more.Devices],
        Mounts = [.. Mounts, .. more.Mounts],
        Groups = [.. Groups, .. more.Groups.Except(Groups)],
    };
}
