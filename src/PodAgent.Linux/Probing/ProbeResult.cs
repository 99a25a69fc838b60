namespace PodAgent.Linux.Probing;

/// <summary>What was found out about one thing.</summary>
/// <param name="Area">What it belongs to, as a heading: <c>Namespaces</c>.</param>
/// <param name="Name">The thing: <c>user</c>.</param>
/// <param name="Level">What was found.</param>
/// <param name="Detail">A version, a number, or why it is not there; may be empty.</param>
public sealed record ProbeResult(string Area, string Name, ProbeLevel Level, string Detail)
{
    /// <summary>What cannot be done without it; empty when it is there.</summary>
    public string Cost { get; init; } = "";

    /// <summary>How to get it; empty when it is there.</summary>
    public string Remedy { get; init; } = "";
}
