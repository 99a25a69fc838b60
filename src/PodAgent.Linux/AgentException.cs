namespace PodAgent.Linux;

/// <summary>
/// A failed operation of the agent in words for the person who asked for it: the thing, the place and the cause, in lower case and
/// without a final full stop (<c>cannot mount volume "data" at "/srv": hostPath "/mnt/x" is not a directory</c>).
/// It lives in the lowest layer because every layer above throws it; one place in the executable maps it to gRPC.
/// </summary>
public sealed class AgentException : Exception
{
    /// <summary>Describes a failure.</summary>
    public AgentException(ErrorKind kind, string message, Exception? inner = null)
        : base(message, inner) => Kind = kind;

    /// <summary>The reason's kind.</summary>
    public ErrorKind Kind { get; }
}
