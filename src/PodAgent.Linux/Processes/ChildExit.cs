namespace PodAgent.Linux.Processes;

/// <summary>How a child process ended.</summary>
/// <param name="Pid">Its process ID, which may be used again from now on.</param>
/// <param name="ExitCode">Its exit status; 128 + the signal's number when a signal ended it.</param>
/// <param name="Signal">The signal that ended it; 0: none.</param>
public readonly record struct ChildExit(int Pid, int ExitCode, int Signal);
