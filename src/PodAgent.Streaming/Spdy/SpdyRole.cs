namespace PodAgent.Streaming.Spdy;

/// <summary>Which end of a connection this is: it decides the parity of stream and ping numbers.</summary>
public enum SpdyRole
{
    /// <summary>Opens streams with odd numbers.</summary>
    Client,

    /// <summary>Answers them.</summary>
    Server,
}
