namespace PodAgent.Streaming.RemoteCommand;

/// <summary>Size of the client's window, in characters.</summary>
public readonly record struct TerminalDimensions(ushort Width, ushort Height);
