namespace PodAgent.Images.Configs;

/// <summary>
/// What an image says about running it (OCI image specification, "Image Configuration"). Everything here was chosen by the image's
/// author: it is input to a container, never to a decision of this agent, and must not be copied into names or labels that the agent
/// itself acts on.
/// </summary>
public sealed record ImageConfig
{
    /// <summary>Start of the command line; empty when absent.</summary>
    public IReadOnlyList<string> Entrypoint { get; init; } = [];

    /// <summary>Default arguments, or the whole command line without an entrypoint; empty when absent.</summary>
    public IReadOnlyList<string> Cmd { get; init; } = [];

    /// <summary>Environment as <c>NAME=value</c>, in order.</summary>
    public IReadOnlyList<string> Env { get; init; } = [];

    /// <summary>User as written: empty, <c>user</c>, <c>uid</c>, <c>user:group</c> or <c>uid:gid</c>.</summary>
    public string User { get; init; } = "";

    /// <summary>Initial directory inside the root file system; empty means <c>/</c>.</summary>
    public string WorkingDir { get; init; } = "";

    /// <summary>Signal to stop with as written: <c>SIGTERM</c>, <c>TERM</c>, <c>15</c>; empty when absent.</summary>
    public string StopSignal { get; init; } = "";

    /// <summary>Paths that want a volume, sorted. They mean places inside the root file system only, whatever they look like.</summary>
    public IReadOnlyList<string> Volumes { get; init; } = [];

    /// <summary>Ports as <c>80/tcp</c>, sorted.</summary>
    public IReadOnlyList<string> ExposedPorts { get; init; } = [];

    /// <summary>Labels. Untrusted, see above.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Processor architecture in Go's names, such as <c>amd64</c>.</summary>
    public string Architecture { get; init; } = "";

    /// <summary>Variant of the architecture such as <c>v8</c>; mostly empty.</summary>
    public string Variant { get; init; } = "";

    /// <summary>Operating system; <c>linux</c>.</summary>
    public string OperatingSystem { get; init; } = "";

    /// <summary>When the image was built, as it says; null when absent or malformed.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>Digests of the uncompressed layers, the lowest first.</summary>
    public IReadOnlyList<string> DiffIds { get; init; } = [];
}
