namespace PodAgent.Streaming.Spdy;

/// <summary>What one peer may make this side hold.</summary>
public sealed record SpdyLimits
{
    /// <summary>Streams open at once; more are refused.</summary>
    public int Streams { get; init; } = 256;

    /// <summary>Bytes of one control frame.</summary>
    public int ControlFrame { get; init; } = 32 << 10;

    /// <summary>Bytes of one header block once it is inflated.</summary>
    public int HeaderBlock { get; init; } = 64 << 10;

    /// <summary>Bytes received for one stream and not yet read; beyond that the connection is not read.</summary>
    public int StreamBuffer { get; init; } = 1 << 20;

    /// <summary>Answers (to SYN_STREAM, PING) that the peer does not take; beyond that it floods, and is cut off.</summary>
    public int UnsentAnswers { get; init; } = 1024;
}
