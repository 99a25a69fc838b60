namespace PodAgent.Pods.Probes;

/// <summary>Asks a server for its health by grpc.health.v1.</summary>
internal interface IGrpcHealth
{
    Task<ProbeAnswer> CheckAsync(string host, int port, string service, TimeSpan timeout, CancellationToken ct);
}
