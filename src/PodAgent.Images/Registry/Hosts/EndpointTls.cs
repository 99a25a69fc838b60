namespace PodAgent.Images.Registry.Hosts;

/// <summary>How an endpoint is recognised, and how we are.</summary>
internal sealed record EndpointTls
{
    public static EndpointTls Default { get; } = new();

    /// <summary>PEM files of authorities that count beside the system's.</summary>
    public IReadOnlyList<string> Authorities { get; init; } = [];

    /// <summary>PEM files of our certificates and their keys; a null key is in the certificate's file.</summary>
    public IReadOnlyList<(string Certificate, string? Key)> Clients { get; init; } = [];

    /// <summary>Whether any certificate will do.</summary>
    public bool SkipVerify { get; init; }
}
