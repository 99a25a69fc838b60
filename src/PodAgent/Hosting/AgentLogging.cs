using Grpc.Core;
using Microsoft.Extensions.Logging;
using PodAgent.Rpc.Server;

namespace PodAgent.Hosting;

/// <summary>What the program itself logs, and where all logs go: standard error, a line each.</summary>
internal static partial class AgentLogging
{
    public static ILoggerFactory Create(LogLevel level)
    {
        var filter = new LoggerFilterOptions { MinLevel = level };
        // The web server's own news are of interest only when looking for its faults.
        filter.AddFilter("Microsoft", level <= LogLevel.Debug ? level : LogLevel.Warning);
        return new LoggerFactory([new StandardErrorLog(TimeProvider.System)], filter);
    }

    /// <summary>A failed call is worth a line; a successful one only for those who look closely.</summary>
    public static void CallEnded(this ILogger log, RpcCallRecord call)
    {
        switch (call.Status.StatusCode)
        {
            case StatusCode.OK or StatusCode.Cancelled:
                log.CallSucceeded(call.Method, call.Peer, call.Status.StatusCode, call.Duration.TotalMilliseconds);
                break;
            case StatusCode.Internal or StatusCode.Unknown or StatusCode.DataLoss:
                log.CallBroke(call.Exception, call.Method, call.Peer, call.Status.StatusCode, call.Status.Detail);
                break;
            default:
                log.CallFailed(call.Method, call.Peer, call.Status.StatusCode, call.Status.Detail);
                break;
        }
    }

    [LoggerMessage(1, LogLevel.Information, "podagent {Version} starts on node {Node}, state in {State}, images and volumes in {Root}")]
    public static partial void Starting(this ILogger log, string version, string node, string state, string root);

    [LoggerMessage(2, LogLevel.Information, "ready on {Socket}")]
    public static partial void Ready(this ILogger log, string socket);

    [LoggerMessage(3, LogLevel.Information, "stopping; the pods go on")]
    public static partial void Stopping(this ILogger log);

    [LoggerMessage(4, LogLevel.Debug, "{Method} from {Peer}: {Code} in {Milliseconds:0.0} ms")]
    private static partial void CallSucceeded(this ILogger log, string method, string peer, StatusCode code, double milliseconds);

    [LoggerMessage(5, LogLevel.Information, "{Method} from {Peer}: {Code}: {Detail}")]
    private static partial void CallFailed(this ILogger log, string method, string peer, StatusCode code, string detail);

    [LoggerMessage(6, LogLevel.Error, "{Method} from {Peer}: {Code}: {Detail}")]
    private static partial void CallBroke(this ILogger log, Exception? exception, string method, string peer, StatusCode code, string detail);
}
