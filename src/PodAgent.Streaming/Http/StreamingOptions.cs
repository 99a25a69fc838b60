using PodAgent.Streaming.Spdy;

namespace PodAgent.Streaming.Http;

/// <summary>How long sessions may stand still.</summary>
public sealed record StreamingOptions
{
    /// <summary>Without a byte in either direction, a session is ended after this; zero: never.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromHours(4);

    /// <summary>For the client to open the streams of its request.</summary>
    public TimeSpan CreationTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What one client may make this side hold.</summary>
    public SpdyLimits Spdy { get; init; } = new();

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
