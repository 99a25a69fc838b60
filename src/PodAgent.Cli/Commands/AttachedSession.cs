namespace PodAgent.Cli.Commands;

/// <summary>How a session with a container's main process ended.</summary>
/// <param name="ExitCode">The process's.</param>
/// <param name="HadOutput">Something came from the process while the session lasted.</param>
internal readonly record struct AttachedSession(int ExitCode, bool HadOutput);
