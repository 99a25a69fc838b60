using Grpc.Core;

namespace PodAgent.Rpc.Server;

/// <summary>How a call ended on the server.</summary>
/// <param name="Status">The status for the client.</param>
/// <param name="Trailers">What goes with it.</param>
/// <param name="Exception">What the handler threw, for the log only.</param>
internal readonly record struct CallOutcome(Status Status, Metadata Trailers, Exception? Exception);
