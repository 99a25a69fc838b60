namespace PodAgent.Images.Registry.Hosts;

/// <summary>The fields of one host in <c>hosts.toml</c>, as written.</summary>
internal sealed record HostSettings
{
    public EndpointCapabilities Capabilities { get; init; } = EndpointCapabilities.All;

    public EndpointTls Tls { get; init; } = EndpointTls.Default;

    /// <summary>Whether the path of the URL is whole and gets no <c>/v2</c>.</summary>
    public bool OverridePath { get; init; }

    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    public TimeSpan? ConnectTimeout { get; init; }
}
