using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace PodAgent.Rpc.Server;

/// <summary>Settings of the HTTP server that gRPC needs.</summary>
public static class RpcKestrelLimits
{
    /// <summary>
    /// Suits the limits of a server to calls: no minimum data rates (a watch may be silent for hours, and a client that does not
    /// read must only stop its own stream), no limit on bodies (messages have their own), pings for dead peers.
    /// </summary>
    /// <param name="limits">The limits of Kestrel.</param>
    /// <param name="keepAlivePingDelay">How long a connection may be silent before it is pinged; 60 seconds when null.</param>
    /// <param name="keepAlivePingTimeout">How long the answer may take before the connection is closed; 20 seconds when null.</param>
    public static void UseRpcDefaults(
        this KestrelServerLimits limits, TimeSpan? keepAlivePingDelay = null, TimeSpan? keepAlivePingTimeout = null)
    {
        ArgumentNullException.ThrowIfNull(limits);
        limits.MinRequestBodyDataRate = null;
        limits.MinResponseDataRate = null;
        limits.MaxRequestBodySize = null;
        limits.Http2.MaxStreamsPerConnection = 1000;
        limits.Http2.InitialStreamWindowSize = 1024 * 1024;
        limits.Http2.InitialConnectionWindowSize = 4 * 1024 * 1024;
        limits.Http2.KeepAlivePingDelay = keepAlivePingDelay ?? TimeSpan.FromSeconds(60);
        limits.Http2.KeepAlivePingTimeout = keepAlivePingTimeout ?? TimeSpan.FromSeconds(20);
    }
}
