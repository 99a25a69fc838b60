namespace PodAgent.Cli.Terminal;

/// <summary>Whoever read the output has had enough, as <c>head</c> does.</summary>
internal sealed class OutputClosedException() : Exception("nobody reads the output any more");
