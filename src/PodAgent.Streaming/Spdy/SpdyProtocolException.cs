namespace PodAgent.Streaming.Spdy;

/// <summary>The peer sent what SPDY/3.1 does not allow; the whole connection ends, since both sides' states no longer agree.</summary>
public sealed class SpdyProtocolException(string message) : IOException(message);
