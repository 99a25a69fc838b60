using PodAgent.Images.Registry;
using PodAgent.Images.Transfers;

namespace PodAgent.Images.Pushing;

/// <summary>What to push, and with what right.</summary>
/// <param name="Reference">An image of this node; also where it goes, unless <see cref="Target"/> says otherwise.</param>
public sealed record PushRequest(string Reference)
{
    /// <summary>Name at the registry; null: the same.</summary>
    public string? Target { get; init; }

    /// <summary>Credential for the registry that the name means; null: none given.</summary>
    public RegistryCredential? Credential { get; init; }

    /// <summary>Content of a credential file that goes before the node's; empty: none given.</summary>
    public ReadOnlyMemory<byte> AuthFile { get; init; }

    /// <summary>Told how far it is; null: nobody looks.</summary>
    public TransferProgress? Progress { get; init; }
}
