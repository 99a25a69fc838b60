namespace PodAgent.Api.Manifests;

/// <summary>A document that could not be read. The message has one problem per line.</summary>
public sealed class ManifestException : Exception
{
    /// <summary>Creates the exception for at least one problem.</summary>
    /// <param name="problems">All problems of the document.</param>
    public ManifestException(IReadOnlyList<ManifestProblem> problems)
        : base(string.Join('\n', problems)) => Problems = problems;

    /// <summary>All problems of the document.</summary>
    public IReadOnlyList<ManifestProblem> Problems { get; }
}
