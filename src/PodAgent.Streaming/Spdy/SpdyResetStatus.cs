namespace PodAgent.Streaming.Spdy;

/// <summary>Why one stream was ended (SPDY/3.1 section 2.6.3).</summary>
public enum SpdyResetStatus : uint
{
    /// <summary>The peer broke the protocol on this stream.</summary>
    ProtocolError = 1,

    /// <summary>There is no such stream.</summary>
    InvalidStream = 2,

    /// <summary>Not accepted, nothing was done with it.</summary>
    RefusedStream = 3,

    /// <summary>Nobody needs it any more.</summary>
    Cancel = 5,

    /// <summary>A failure on this side.</summary>
    InternalError = 6,

    /// <summary>The peer sent more than its window.</summary>
    FlowControlError = 7,
}
