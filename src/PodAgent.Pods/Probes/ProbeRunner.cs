using System.Net.Sockets;
using Grpc.Core;
using PodAgent.Api.IntStr;
using PodAgent.Pods.Lifecycle;

namespace PodAgent.Pods.Probes;

/// <summary>One try of a probe, by its handler.</summary>
internal sealed class ProbeRunner
{
    private readonly Cri.RuntimeService.RuntimeServiceClient _cri;
    private readonly HttpProber _http;
    private readonly IGrpcHealth _health;
    private readonly TimeProvider _time;

    public ProbeRunner(Cri.RuntimeService.RuntimeServiceClient cri, HttpProber http, IGrpcHealth health, TimeProvider time)
    {
        _cri = cri;
        _http = http;
        _health = health;
        _time = time;
    }

    public async Task<ProbeAnswer> RunAsync(Core.Probe probe, Core.Container container, string containerId, string podIp, CancellationToken ct)
    {
        TimeSpan timeout = TimeSpan.FromSeconds(probe.HasTimeoutSeconds && probe.TimeoutSeconds > 0 ? probe.TimeoutSeconds : 1);
        Core.ProbeHandler handler = probe.Handler ?? new Core.ProbeHandler();
        if (handler.Exec is { } exec)
        {
            return await ExecAsync(exec, containerId, timeout, ct);
        }

        if (handler.HttpGet is { } get)
        {
            return Port(get.Port, container, out int port) ?? await _http.GetAsync(get, podIp, port, timeout, ct);
        }

        if (handler.TcpSocket is { } tcp)
        {
            return Port(tcp.Port, container, out int port) ?? await ConnectAsync(tcp.HasHost && tcp.Host.Length > 0 ? tcp.Host : podIp, port, timeout, ct);
        }

        return handler.Grpc is { } grpc
            ? await _health.CheckAsync(podIp, grpc.Port, grpc.Service, timeout, ct)
            : new ProbeAnswer(ProbeResult.Unknown, "probe has no handler");
    }

    private static ProbeAnswer? Port(IntOrString? value, Core.Container container, out int port)
    {
        int? resolved = Ports.Resolve(value, container);
        port = resolved ?? 0;
        return resolved is null ? new ProbeAnswer(ProbeResult.Unknown, $"couldn't find port: {value?.StrVal}") : null;
    }

    private async Task<ProbeAnswer> ExecAsync(Core.ExecAction exec, string containerId, TimeSpan timeout, CancellationToken ct)
    {
        Cri.ExecSyncRequest request = new() { ContainerId = containerId, Timeout = (long)Math.Ceiling(timeout.TotalSeconds) };
        request.Cmd.AddRange(exec.Command);
        try
        {
            Cri.ExecSyncResponse response = await _cri.ExecSyncAsync(request, cancellationToken: ct);
            return new ProbeAnswer(response.ExitCode == 0 ? ProbeResult.Success : ProbeResult.Failure, CommandOutput.Of(response));
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.DeadlineExceeded)
        {
            return new ProbeAnswer(ProbeResult.Failure, $"command timed out after {PodText.Duration(timeout)}");
        }
        catch (RpcException e) when (e.StatusCode != StatusCode.Cancelled)
        {
            return new ProbeAnswer(ProbeResult.Unknown, e.Status.Detail);
        }
    }

    private async Task<ProbeAnswer> ConnectAsync(string host, int port, TimeSpan timeout, CancellationToken ct)
    {
        using CancellationTokenSource limit = new(timeout, _time);
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        using TcpClient client = new();
        // No lingering TIME_WAIT per probe, nor a graceful close that the workload has to answer.
        client.LingerState = new LingerOption(true, 1);
        try
        {
            await client.ConnectAsync(host, port, linked.Token);
            return new ProbeAnswer(ProbeResult.Success, "");
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new ProbeAnswer(ProbeResult.Failure, $"dial tcp {host}:{port}: i/o timeout");
        }
        catch (SocketException e)
        {
            return new ProbeAnswer(ProbeResult.Failure, $"dial tcp {host}:{port}: {e.Message.ToLowerInvariant()}");
        }
    }
}
