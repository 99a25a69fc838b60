using PodAgent.Images.Registry;
using PodAgent.Images.Transfers;

namespace PodAgent.Images.Pulling;

/// <summary>What to pull, and with what right.</summary>
/// <param name="Reference">Name with tag, digest, or neither.</param>
public sealed record PullRequest(string Reference)
{
    /// <summary>Credential for the registry that the name means; null: none given.</summary>
    public RegistryCredential? Credential { get; init; }

    /// <summary>Content of a credential file that goes before the node's; empty: none given.</summary>
    public ReadOnlyMemory<byte> AuthFile { get; init; }

    /// <summary>Told how far it is; null: nobody looks.</summary>
    public TransferProgress? Progress { get; init; }
}
