namespace PodAgent.Images.Registry.Hosts;

/// <summary>A mistake in a TOML file.</summary>
internal sealed class TomlException(int line, string problem) : Exception(problem)
{
    /// <summary>From 1.</summary>
    public int Line { get; } = line;
}
