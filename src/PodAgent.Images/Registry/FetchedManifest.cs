namespace PodAgent.Images.Registry;

/// <summary>A manifest or index as it came from a registry.</summary>
/// <param name="MediaType">As the registry calls it; may be wrong or empty.</param>
/// <param name="Content">Exactly what the digest is of.</param>
/// <param name="Digest">Computed here.</param>
internal sealed record FetchedManifest(string MediaType, byte[] Content, string Digest);
