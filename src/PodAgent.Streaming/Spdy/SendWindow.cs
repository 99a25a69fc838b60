namespace PodAgent.Streaming.Spdy;

/// <summary>What one stream may still send; belongs to <see cref="FlowControl"/>.</summary>
internal sealed class SendWindow
{
    /// <summary>Bytes; negative after the initial window shrank.</summary>
    public long Available { get; set; }
}
