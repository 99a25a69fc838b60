using Grpc.Core;

namespace PodAgent.Rpc.Server;

/// <summary>A call that has ended, for logs and metrics.</summary>
/// <param name="Method">The path, for example <c>/runtime.v1.RuntimeService/Version</c>.</param>
/// <param name="Peer">The client, as <see cref="ServerCallContext.Peer"/>.</param>
/// <param name="Status">How it ended; the status that the client was sent, or would have been.</param>
/// <param name="Duration">From the arrival of the request headers to the status.</param>
/// <param name="Exception">What the handler threw, or null. It may hold what clients must not see.</param>
public sealed record RpcCallRecord(string Method, string Peer, Status Status, TimeSpan Duration, Exception? Exception);
