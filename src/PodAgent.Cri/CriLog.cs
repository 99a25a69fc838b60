using Microsoft.Extensions.Logging;

namespace PodAgent.Cri;

internal static partial class CriLog
{
    [LoggerMessage(1, LogLevel.Information, "sandbox {Sandbox} of pod {Pod} is running")]
    public static partial void SandboxRunning(this ILogger log, string sandbox, string pod);

    [LoggerMessage(2, LogLevel.Information, "container {Container} ({Name}) ended with {ExitCode} ({Reason})")]
    public static partial void ContainerEnded(this ILogger log, string container, string name, int exitCode, string reason);

    [LoggerMessage(3, LogLevel.Error, "the supervisor of sandbox {Sandbox} ended unexpectedly; its containers are ended")]
    public static partial void SupervisorLost(this ILogger log, string sandbox);

    [LoggerMessage(4, LogLevel.Warning, "cannot write down the end of container {Container}; trying again: {Cause}")]
    public static partial void ExitNotWritten(this ILogger log, string container, string cause);

    [LoggerMessage(5, LogLevel.Warning, "{What}: {Cause}")]
    public static partial void CleanupFailed(this ILogger log, string what, string cause);

    [LoggerMessage(6, LogLevel.Information, "took over {Sandboxes} sandboxes and {Containers} containers, removed {Removed} leftovers")]
    public static partial void Recovered(this ILogger log, int sandboxes, int containers, int removed);

    [LoggerMessage(7, LogLevel.Warning, "state of {Id} is set aside: {Cause}")]
    public static partial void StateSetAside(this ILogger log, string id, string cause);

    [LoggerMessage(8, LogLevel.Warning, "sandbox {Sandbox} lost its supervisor while no agent was running")]
    public static partial void SandboxNotAdopted(this ILogger log, string sandbox);

    [LoggerMessage(20, LogLevel.Debug, "stream {Path} ended: {Cause}")]
    public static partial void StreamEnded(this ILogger log, string path, string cause);

    [LoggerMessage(9, LogLevel.Warning, "the pod network is not available: {Cause}")]
    public static partial void NetworkUnavailable(this ILogger log, string cause);

    [LoggerMessage(10, LogLevel.Warning, "containers run without the default AppArmor profile: {Cause}")]
    public static partial void ContainersUnconfined(this ILogger log, string cause);
}
