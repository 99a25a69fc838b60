using System.Net;
using System.Text.Json.Serialization;

namespace PodAgent.Network.Records;

/// <summary>An attachment as it is stored: written before the first change, deleted after the last trace is gone.</summary>
internal sealed record AttachmentRecord
{
    public const int CurrentVersion = 1;

    public int Version { get; init; } = CurrentVersion;

    public required string SandboxId { get; init; }

    public string? PodName { get; init; }

    public required string Interface { get; init; }

    public required string HostInterface { get; init; }

    public required string[] Addresses { get; init; }

    public required string Gateway { get; init; }

    public required PortRecord[] Ports { get; init; }

    public static AttachmentRecord From(NetworkAttachment attachment) => new()
    {
        SandboxId = attachment.SandboxId,
        PodName = attachment.PodName,
        Interface = attachment.Interface,
        HostInterface = attachment.HostInterface,
        Addresses = [.. attachment.Addresses.Select(address => address.ToString())],
        Gateway = attachment.Gateway.ToString(),
        Ports = [.. attachment.PortMappings.Select(port =>
            new PortRecord((int)port.Protocol, port.HostIp?.ToString(), port.HostPort, port.ContainerPort))],
    };

    /// <exception cref="FormatException">A field holds something that this program does not write.</exception>
    public NetworkAttachment ToAttachment()
    {
        if (Version != CurrentVersion || Addresses.Length == 0)
        {
            throw new FormatException($"version {Version} or its fields are not known");
        }

        return new NetworkAttachment(
            SandboxId,
            Interface,
            [.. Addresses.Select(IPAddress.Parse)],
            IPAddress.Parse(Gateway),
            HostInterface,
            [.. Ports.Select(ToMapping)],
            PodName);
    }

    private static PortMapping ToMapping(PortRecord port)
    {
        var protocol = (TransportProtocol)port.Protocol;
        if (!Enum.IsDefined(protocol))
        {
            throw new FormatException($"protocol {port.Protocol} is not known");
        }

        return new PortMapping(protocol, port.HostIp is null ? null : IPAddress.Parse(port.HostIp), port.HostPort, port.ContainerPort);
    }
}

/// <summary>A published port as it is stored; the protocol by its IP number.</summary>
internal sealed record PortRecord(int Protocol, string? HostIp, int HostPort, int ContainerPort);

[JsonSourceGenerationOptions(RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(AttachmentRecord))]
internal sealed partial class RecordJson : JsonSerializerContext;
