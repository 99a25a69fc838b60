namespace PodAgent.Images.Registry.Hosts;

/// <summary>One place to ask for the images of a registry: a mirror, or the registry itself.</summary>
internal sealed record RegistryEndpoint
{
    /// <summary><c>https</c> or <c>http</c>.</summary>
    public required string Scheme { get; init; }

    /// <summary>Host with optional port.</summary>
    public required string Authority { get; init; }

    /// <summary>What comes before the repository: <c>/v2</c>.</summary>
    public string Path { get; init; } = "/v2";

    public EndpointCapabilities Capabilities { get; init; } = EndpointCapabilities.All;

    public EndpointTls Tls { get; init; } = EndpointTls.Default;

    /// <summary>Headers for requests to this endpoint, and to no other.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Null: the general one.</summary>
    public TimeSpan? ConnectTimeout { get; init; }

    /// <summary>Whether plain HTTP follows when there is no TLS at the other end: this machine itself, on a port that says nothing.</summary>
    public bool PlainHttpFallback { get; init; }

    /// <summary>Whether this is the registry that the image's name means; credentials that came with a request are for it alone.</summary>
    public bool IsUpstream { get; init; }

    /// <summary>Told to a mirror (<c>?ns=</c>), which may stand for several registries; null for the registry itself.</summary>
    public string? Namespace { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Scheme}://{Authority}";
}
