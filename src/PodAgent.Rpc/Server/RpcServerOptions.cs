using Grpc.Core;

namespace PodAgent.Rpc.Server;

/// <summary>How calls are served.</summary>
public sealed class RpcServerOptions
{
    /// <summary>The largest request in bytes, before and after decompression; 16 MiB. Larger ones end in RESOURCE_EXHAUSTED.</summary>
    public int MaxReceiveMessageSize { get; init; } = Protocol.MessageLimits.DefaultReceive;

    /// <summary>The largest response in bytes, before compression; no limit. Larger ones end in RESOURCE_EXHAUSTED.</summary>
    public int MaxSendMessageSize { get; init; } = int.MaxValue;

    /// <summary>Whether responses are compressed for clients that accept gzip; off, because it only pays on slow links.</summary>
    public bool CompressResponses { get; init; }

    /// <summary>
    /// Turns an exception of a handler into a status; null for "no opinion", which becomes UNKNOWN without any detail.
    /// <see cref="RpcException"/> and cancellation of the call do not come here. It must not throw.
    /// </summary>
    public Func<Exception, RpcException?>? ExceptionMapper { get; init; }

    /// <summary>The clock of deadlines and durations.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Told about every ended call, on the thread that ended it. It must not throw or block.</summary>
    public Action<RpcCallRecord>? CallEnded { get; init; }

    /// <summary>How long running calls may go on after the host began to stop; then they end in UNAVAILABLE. 2 seconds.</summary>
    public TimeSpan ShutdownGrace { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>What the clients of these calls are told.</summary>
    public string ShutdownMessage { get; init; } = "the server is shutting down";
}
