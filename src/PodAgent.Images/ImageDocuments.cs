namespace PodAgent.Images;

/// <summary>The documents of an image, byte for byte.</summary>
/// <param name="Image">The image.</param>
/// <param name="Config">Its configuration, JSON.</param>
/// <param name="Manifest">Its manifest for this host, JSON.</param>
public sealed record ImageDocuments(ImageRecord Image, byte[] Config, byte[] Manifest);
