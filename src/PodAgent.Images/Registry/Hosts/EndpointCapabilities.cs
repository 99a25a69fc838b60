namespace PodAgent.Images.Registry.Hosts;

/// <summary>What an endpoint is trusted with (containerd, <c>hosts.toml</c>, "capabilities").</summary>
[Flags]
internal enum EndpointCapabilities
{
    None = 0,

    /// <summary>Content by digest.</summary>
    Pull = 1,

    /// <summary>Turning a tag into a digest.</summary>
    Resolve = 2,

    Push = 4,

    All = Pull | Resolve | Push,
}
