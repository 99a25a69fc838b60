namespace PodAgent.Streaming.RemoteCommand;

/// <summary>Which streams of a process a client wants.</summary>
/// <param name="Stdin">What the client types.</param>
/// <param name="Stdout">Output; with a terminal, all of it.</param>
/// <param name="Stderr">Never together with <paramref name="Tty"/>: a terminal has one output.</param>
/// <param name="Tty">A terminal, whose size the client may change.</param>
public sealed record RemoteCommandStreams(bool Stdin, bool Stdout, bool Stderr, bool Tty);
