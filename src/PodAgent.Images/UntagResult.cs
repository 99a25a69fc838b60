namespace PodAgent.Images;

/// <summary>What became of a name.</summary>
/// <param name="Names">Names that are gone.</param>
/// <param name="RemovedId">The image that went with its last name; null: it has others.</param>
public sealed record UntagResult(IReadOnlyList<string> Names, string? RemovedId);
