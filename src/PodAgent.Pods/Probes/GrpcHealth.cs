using Grpc.Core;
using Grpc.Health.V1;
using PodAgent.Rpc.Client;

namespace PodAgent.Pods.Probes;

/// <summary>grpc.health.v1 over cleartext, one connection per question.</summary>
internal sealed class GrpcHealth(TimeProvider time) : IGrpcHealth
{
    public async Task<ProbeAnswer> CheckAsync(string host, int port, string service, TimeSpan timeout, CancellationToken ct)
    {
        string authority = host.Contains(':') ? $"[{host}]" : host;
        await using RpcChannel channel = RpcChannel.ForAddress($"http://{authority}:{port}");
        Health.HealthClient client = new(channel);
        try
        {
            HealthCheckResponse response = await client.CheckAsync(
                new HealthCheckRequest { Service = service }, deadline: time.GetUtcNow().UtcDateTime + timeout, cancellationToken: ct);
            return response.Status == HealthCheckResponse.Types.ServingStatus.Serving
                ? new ProbeAnswer(ProbeResult.Success, "")
                : new ProbeAnswer(ProbeResult.Failure, $"service unhealthy (responded with \"{NameOf(response.Status)}\")");
        }
        catch (RpcException e) when (!ct.IsCancellationRequested)
        {
            return e.StatusCode switch
            {
                StatusCode.Unimplemented => new ProbeAnswer(ProbeResult.Failure, "this server does not implement the grpc health protocol (grpc.health.v1.Health)"),
                StatusCode.DeadlineExceeded => new ProbeAnswer(ProbeResult.Failure, $"timeout: health rpc did not complete within {PodText.Duration(timeout)}"),
                _ => new ProbeAnswer(ProbeResult.Failure, $"health rpc probe failed: {e.Status.Detail}"),
            };
        }
    }

    private static string NameOf(HealthCheckResponse.Types.ServingStatus status) => status switch
    {
        HealthCheckResponse.Types.ServingStatus.NotServing => "NOT_SERVING",
        HealthCheckResponse.Types.ServingStatus.ServiceUnknown => "SERVICE_UNKNOWN",
        _ => "UNKNOWN",
    };
}
