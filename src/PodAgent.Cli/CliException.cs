namespace PodAgent.Cli;

/// <summary>A mistake of the caller or a fact worth stopping for, already in words for the terminal.</summary>
internal sealed class CliException(string message, int exitCode = 1) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
