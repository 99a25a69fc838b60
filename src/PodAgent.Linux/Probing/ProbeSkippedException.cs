namespace PodAgent.Linux.Probing;

/// <summary>Thrown by a probe that cannot be tried; the message says why.</summary>
public sealed class ProbeSkippedException(string why) : Exception(why);
