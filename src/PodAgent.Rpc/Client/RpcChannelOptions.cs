using System.Net.Security;

namespace PodAgent.Rpc.Client;

/// <summary>How a channel connects and calls.</summary>
public sealed class RpcChannelOptions
{
    /// <summary>The largest response in bytes, before and after decompression; 16 MiB. Larger ones end in RESOURCE_EXHAUSTED.</summary>
    public int MaxReceiveMessageSize { get; init; } = Protocol.MessageLimits.DefaultReceive;

    /// <summary>The largest request in bytes, before compression; no limit. Larger ones end in RESOURCE_EXHAUSTED.</summary>
    public int MaxSendMessageSize { get; init; } = int.MaxValue;

    /// <summary>Whether requests are compressed with gzip; off.</summary>
    public bool CompressRequests { get; init; }

    /// <summary>TLS for <c>https://</c> addresses: trusted roots, client certificate, host name. Null for the platform's rules.</summary>
    public SslClientAuthenticationOptions? SslOptions { get; init; }

    /// <summary>How long one attempt to connect may take; 20 seconds.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// How long a connection with running calls may be silent before it is pinged; no pings by default, which suits Unix
    /// sockets: the kernel reports their end at once.
    /// </summary>
    public TimeSpan KeepAlivePingDelay { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>How long the answer to a ping may take before the connection is given up; 20 seconds.</summary>
    public TimeSpan KeepAlivePingTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The longest pause between two attempts to connect of a call that waits for its server; 1 second.</summary>
    public TimeSpan MaxReconnectBackoff { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The <c>user-agent</c> header.</summary>
    public string UserAgent { get; init; } = "podagent-rpc/0.1";

    /// <summary>The clock of deadlines and pauses.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
