namespace PodAgent.Images.Importing;

/// <summary>A file taken out of an archive.</summary>
/// <param name="Entry">Its name there.</param>
/// <param name="Path">Where it is now.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Digest">Digest of its content as it arrived.</param>
internal sealed record StagedFile(string Entry, string Path, long Size, string Digest);
