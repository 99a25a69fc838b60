namespace PodAgent.Api.Manifests;

/// <summary>What a file contains. With problems, only objects without any problem of their own are listed.</summary>
/// <param name="Objects">The objects in the order of the file, lists taken apart.</param>
/// <param name="Problems">Every problem of the file.</param>
public sealed record ManifestReadResult(IReadOnlyList<ManifestObject> Objects, IReadOnlyList<ManifestProblem> Problems);
