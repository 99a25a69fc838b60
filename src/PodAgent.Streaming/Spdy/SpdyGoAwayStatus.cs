namespace PodAgent.Streaming.Spdy;

/// <summary>Why a connection ends (SPDY/3.1 section 2.6.6).</summary>
public enum SpdyGoAwayStatus : uint
{
    /// <summary>All is done.</summary>
    Ok = 0,

    /// <summary>The peer broke the protocol.</summary>
    ProtocolError = 1,

    /// <summary>A failure on this side.</summary>
    InternalError = 2,
}
