using System.Threading.Channels;

namespace PodAgent.Streaming.RemoteCommand;

/// <summary>Sizes on their way to a terminal.</summary>
internal static class TerminalSizes
{
    /// <summary>Only the last size matters: a client cannot fill memory with them.</summary>
    public static Channel<TerminalDimensions> NewChannel() => Channel.CreateBounded<TerminalDimensions>(
        new BoundedChannelOptions(16) { FullMode = BoundedChannelFullMode.DropOldest });
}
