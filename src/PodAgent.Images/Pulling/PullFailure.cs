using PodAgent.Images.Registry;
using PodAgent.Linux;

namespace PodAgent.Images.Pulling;

/// <summary>Turns what can go wrong inside a transfer into the error for whoever asked for it.</summary>
internal static class PullFailure
{
    /// <summary>The error; <paramref name="what"/> is as in <c>cannot pull image "busybox"</c>.</summary>
    public static AgentException Describe(string what, Exception failure)
    {
        ErrorKind kind = failure switch
        {
            RegistryException registry => registry.Kind,
            ContentException content => content.Kind,
            AgentException agent => agent.Kind,
            InvalidDataException => ErrorKind.DataLoss,
            LinuxException { Errno: Errno.ENOSPC or Errno.EDQUOT } => ErrorKind.ResourceExhausted,

            // .NET keeps the error number of a failed write here.
            IOException { HResult: (int)Errno.ENOSPC or (int)Errno.EDQUOT } => ErrorKind.ResourceExhausted,
            _ => ErrorKind.Internal,
        };
        return new AgentException(kind, $"{what}: {failure.Message}", failure);
    }
}
