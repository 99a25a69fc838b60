using Microsoft.Extensions.Logging;

namespace PodAgent.Pods;

/// <summary>Log messages of the engine; event ids 300 to 399.</summary>
internal static partial class PodLog
{
    [LoggerMessage(300, LogLevel.Warning, "pod {Pod}: {Error}; trying again")]
    public static partial void RoundFailed(ILogger logger, string pod, string error, Exception exception);

    [LoggerMessage(301, LogLevel.Information, "pod {Pod} added ({Source})")]
    public static partial void PodAdded(ILogger logger, string pod, string source);

    [LoggerMessage(302, LogLevel.Information, "pod {Pod} ends within {Grace} s")]
    public static partial void PodEnding(ILogger logger, string pod, double grace);

    [LoggerMessage(303, LogLevel.Information, "pod {Pod} is gone")]
    public static partial void PodGone(ILogger logger, string pod);

    [LoggerMessage(304, LogLevel.Warning, "manifest {File}: {Problem}")]
    public static partial void ManifestRefused(ILogger logger, string file, string problem);

    [LoggerMessage(305, LogLevel.Warning, "stored pod {File} cannot be used and was set aside as {Aside}: {Problem}")]
    public static partial void StoredPodSetAside(ILogger logger, string file, string aside, string problem);

    [LoggerMessage(306, LogLevel.Warning, "runtime events ended ({Reason}); connecting again in {Delay} s")]
    public static partial void EventStreamEnded(ILogger logger, string reason, double delay);

    [LoggerMessage(307, LogLevel.Warning, "pod {Pod}: {What} of a dead attempt cannot be removed: {Error}")]
    public static partial void RemoveFailed(ILogger logger, string pod, string what, string error);

    [LoggerMessage(308, LogLevel.Warning, "runtime is not answering: {Error}; trying again")]
    public static partial void RuntimeUnavailable(ILogger logger, string error);

    [LoggerMessage(309, LogLevel.Warning, "manifest directory {Directory}: {Problem}")]
    public static partial void ManifestDirectoryFailed(ILogger logger, string directory, string problem);

    [LoggerMessage(310, LogLevel.Warning, "status of pod {Uid} cannot be kept for the next agent: {Problem}")]
    public static partial void StatusNotKept(ILogger logger, string uid, string problem);

    [LoggerMessage(312, LogLevel.Warning, "logs cannot be rotated: {Problem}; trying again in 10 s")]
    public static partial void LogsNotRotated(ILogger logger, string problem);

    [LoggerMessage(313, LogLevel.Warning, "log {File} cannot be rotated: {Problem}; trying again in 10 s")]
    public static partial void LogNotRotated(ILogger logger, string file, string problem);

    [LoggerMessage(311, LogLevel.Warning, "what is left of pod {Uid} on disk cannot be removed: {Problem}")]
    public static partial void LeftoverNotRemoved(ILogger logger, string uid, string problem);

    [LoggerMessage(330, LogLevel.Information, "removed unused image {Image}: its file system is {Percent} % full")]
    public static partial void ImageCollected(ILogger logger, string image, ulong percent);

    [LoggerMessage(331, LogLevel.Warning, "the images' file system is {Percent} % full, from {Threshold} % images are removed; after {Removed} there is none left that may go")]
    public static partial void ImagesStillTooLarge(ILogger logger, ulong percent, int threshold, int removed);

    [LoggerMessage(332, LogLevel.Warning, "unused images cannot be looked for: {Error}; trying again")]
    public static partial void ImagesNotCollected(ILogger logger, string error);
}
