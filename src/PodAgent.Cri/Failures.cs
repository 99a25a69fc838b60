using PodAgent.Containers.Supervision;
using PodAgent.Linux;

namespace PodAgent.Cri;

/// <summary>The lower tier's failures in the words and kinds of the upper one.</summary>
internal static class Failures
{
    /// <summary>Describes why <paramref name="what"/> ("cannot start container \"a\"") failed, and what could not be undone.</summary>
    public static Exception Translate(string what, Exception failure, IReadOnlyList<string>? notUndone = null)
    {
        if (failure is OperationCanceledException)
        {
            return failure;
        }

        string cleanup = notUndone is { Count: > 0 } ? $"; undoing it failed too: {string.Join("; ", notUndone)}" : "";
        return new AgentException(Kind(failure), $"{what}: {Cause(failure)}{cleanup}", failure);
    }

    public static string Cause(Exception failure) => failure switch
    {
        SandboxFailureException sandbox => sandbox.Message,
        AggregateException { InnerExceptions: [var only] } => Cause(only),
        _ => failure.Message,
    };

    private static ErrorKind Kind(Exception failure) => failure switch
    {
        AgentException agent => agent.Kind,
        SandboxFailureException sandbox => Kind(sandbox),
        LinuxException linux => Kind(linux.Errno),
        PathTooLongException => ErrorKind.InvalidArgument,
        IOException => ErrorKind.Internal,
        _ => ErrorKind.Internal,
    };

    // A program or a directory that the image does not have is the user's matter, not a fault of the agent.
    private static ErrorKind Kind(SandboxFailureException failure) => Kind(failure.Errno) switch
    {
        ErrorKind.Internal when failure.Step is "find program" or "execute" or "enter working directory" => ErrorKind.FailedPrecondition,

        // A file system that cannot do what the volume is asked to do.
        ErrorKind.Internal when failure is { Step: "mount", Errno: Errno.EINVAL } => ErrorKind.FailedPrecondition,

        // An argument or a variable that no program can be given.
        ErrorKind.Internal when failure is { Step: "exec" or "start container", Errno: Errno.EINVAL } => ErrorKind.InvalidArgument,

        // The container has closed its input, which it does when it ends.
        ErrorKind.Internal when failure is { Step: "attach", Errno: Errno.EPIPE } => ErrorKind.FailedPrecondition,

        // It has ended between the call's checks and the supervisor's.
        ErrorKind.Internal when failure.Errno == Errno.ESRCH => ErrorKind.FailedPrecondition,
        ErrorKind kind => kind,
    };

    private static ErrorKind Kind(Errno errno) => errno switch
    {
        Errno.ENOSPC or Errno.EMFILE or Errno.ENFILE or Errno.ENOMEM or Errno.EDQUOT => ErrorKind.ResourceExhausted,
        Errno.ENAMETOOLONG => ErrorKind.InvalidArgument,
        _ => ErrorKind.Internal,
    };
}
