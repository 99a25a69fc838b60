using PodAgent.Linux;

namespace PodAgent.Images.Importing;

/// <summary>Turns what can go wrong inside an import into the error for whoever asked for it.</summary>
internal static class ImportFailure
{
    /// <summary>The error, which names the archive.</summary>
    public static AgentException Describe(string source, Exception failure)
    {
        ErrorKind kind = failure switch
        {
            ContentException content => content.Kind,
            AgentException agent => agent.Kind,
            InvalidDataException => ErrorKind.DataLoss,
            LinuxException { Errno: Errno.ENOSPC or Errno.EDQUOT } => ErrorKind.ResourceExhausted,
            LinuxException => ErrorKind.Internal,

            // .NET keeps the error number of a failed write here.
            IOException { HResult: (int)Errno.ENOSPC or (int)Errno.EDQUOT } => ErrorKind.ResourceExhausted,
            _ => ErrorKind.Internal,
        };
        return new AgentException(kind, $"cannot import \"{source}\": {failure.Message}", failure);
    }
}
