using System.Globalization;
using System.Net.Sockets;
using Grpc.Core;
using PodAgent.Api.IntStr;
using PodAgent.Pods.Probes;

namespace PodAgent.Pods.Lifecycle;

/// <summary>Runs one lifecycle hook: a command in the container, an HTTP request to it, or a pause.</summary>
internal sealed class HookRunner
{
    private readonly Cri.RuntimeService.RuntimeServiceClient _cri;
    private readonly HttpProber _http;
    private readonly TimeProvider _time;

    public HookRunner(Cri.RuntimeService.RuntimeServiceClient cri, HttpProber http, TimeProvider time)
    {
        _cri = cri;
        _http = http;
        _time = time;
    }

    /// <summary>Runs the hook to its end.</summary>
    /// <param name="handler">What to do.</param>
    /// <param name="container">The container it belongs to.</param>
    /// <param name="containerId">Its running attempt.</param>
    /// <param name="podIp">Where httpGet goes unless it names a host.</param>
    /// <param name="limit">How long it may take; zero: no limit.</param>
    /// <param name="ct">Ends the hook early.</param>
    /// <returns>Null, or why it failed.</returns>
    public async Task<string?> RunAsync(
        Core.LifecycleHandler handler, Core.Container container, string containerId, string podIp, TimeSpan limit, CancellationToken ct)
    {
        if (handler.Exec is { } exec)
        {
            return await ExecAsync(exec, containerId, limit, ct);
        }

        if (handler.HttpGet is { } get)
        {
            int? port = Ports.Resolve(get.Port, container);
            if (port is null)
            {
                return $"cannot find port {get.Port?.StrVal} of container {container.Name}";
            }

            ProbeAnswer answer = await _http.GetAsync(get, podIp, port.Value, limit > TimeSpan.Zero ? limit : TimeSpan.FromSeconds(30), ct);
            return answer.Result == ProbeResult.Success ? null : answer.Message;
        }

        if (handler.Sleep is { } sleep)
        {
            await Task.Delay(TimeSpan.FromSeconds(Math.Max(0, sleep.Seconds)), _time, ct);
            return null;
        }

        return handler.TcpSocket is not null ? "tcpSocket is not a hook that runs" : null;
    }

    private async Task<string?> ExecAsync(Core.ExecAction exec, string containerId, TimeSpan limit, CancellationToken ct)
    {
        Cri.ExecSyncRequest request = new() { ContainerId = containerId, Timeout = (long)Math.Ceiling(limit.TotalSeconds) };
        request.Cmd.AddRange(exec.Command);
        try
        {
            Cri.ExecSyncResponse response = await _cri.ExecSyncAsync(request, cancellationToken: ct);
            if (response.ExitCode == 0)
            {
                return null;
            }

            return $"command '{string.Join(' ', exec.Command)}' exited with {response.ExitCode.ToString(CultureInfo.InvariantCulture)}: {CommandOutput.Of(response)}";
        }
        catch (RpcException e) when (e.StatusCode != StatusCode.Cancelled)
        {
            return e.Status.Detail;
        }
    }
}
