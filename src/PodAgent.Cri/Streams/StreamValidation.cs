using PodAgent.Linux;
using PodAgent.Streaming.RemoteCommand;

namespace PodAgent.Cri.Streams;

/// <summary>Which streams a client may ask for together.</summary>
internal static class StreamValidation
{
    /// <exception cref="AgentException">InvalidArgument, with everything that is wrong.</exception>
    public static RemoteCommandStreams Check(string containerId, bool stdin, bool stdout, bool stderr, bool tty)
    {
        List<string> problems = [];
        if (containerId.Length == 0)
        {
            problems.Add("missing required container_id");
        }

        if (tty && stderr)
        {
            problems.Add("tty and stderr cannot both be true: a terminal has one output");
        }

        if (!stdin && !stdout && !stderr)
        {
            problems.Add("one of stdin, stdout, or stderr must be set");
        }

        return problems.Count == 0
            ? new RemoteCommandStreams(stdin, stdout, stderr, tty)
            : throw new AgentException(ErrorKind.InvalidArgument, string.Join('\n', problems));
    }
}
