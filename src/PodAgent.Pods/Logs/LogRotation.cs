using Grpc.Core;
using Microsoft.Extensions.Logging;
using PodAgent.Pods.Runtime;

namespace PodAgent.Pods.Logs;

/// <summary>Looks every ten seconds, as the kubelet does, for running containers whose logs have grown too large.</summary>
internal sealed class LogRotation : IAsyncDisposable
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(10);

    private readonly Cri.RuntimeService.RuntimeServiceClient _cri;
    private readonly PodRuntimeReader _reader;
    private readonly LogRotator _rotator;
    private readonly string _engine;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly PeriodicTimer _timer;
    // By container ID: the path never changes.
    private Dictionary<string, string> _paths = [];
    private Task _loop = Task.CompletedTask;

    /// <param name="cri">The runtime that writes the logs.</param>
    /// <param name="reader">Tells where they are.</param>
    /// <param name="rotator">What to do with one that is too large.</param>
    /// <param name="engine">Whose containers.</param>
    /// <param name="time">The rhythm.</param>
    /// <param name="logger">For logs that cannot be rotated.</param>
    public LogRotation(
        Cri.RuntimeService.RuntimeServiceClient cri, PodRuntimeReader reader, LogRotator rotator, string engine, TimeProvider time, ILogger logger)
    {
        _cri = cri;
        _reader = reader;
        _rotator = rotator;
        _engine = engine;
        _logger = logger;
        _timer = new PeriodicTimer(s_period, time);
    }

    public void Start() => _loop = Task.Run(RunAsync);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _timer.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (await _timer.WaitForNextTickAsync(_stop.Token))
            {
                try
                {
                    await RotateAllAsync(_stop.Token);
                }
                catch (RpcException e) when (!_stop.IsCancellationRequested)
                {
                    PodLog.LogsNotRotated(_logger, e.Status.Detail);
                }
            }
        }
        catch (Exception e) when (_stop.IsCancellationRequested && e is OperationCanceledException or RpcException)
        {
            // DisposeAsync.
        }
    }

    private async Task RotateAllAsync(CancellationToken ct)
    {
        Cri.ListContainersRequest request = new()
        {
            Filter = new Cri.ContainerFilter { State = new Cri.ContainerStateValue { State = Cri.ContainerState.ContainerRunning } },
        };
        request.Filter.LabelSelector[RuntimeLabels.Engine] = _engine;
        Cri.ListContainersResponse running = await _cri.ListContainersAsync(request, cancellationToken: ct);
        Dictionary<string, string> paths = [];
        foreach (string id in running.Containers.Select(container => container.Id))
        {
            string path = _paths.GetValueOrDefault(id) ?? (await _reader.TryStatusAsync(id, ct))?.LogPath ?? "";
            paths[id] = path;
            if (path.Length > 0)
            {
                await RotateAsync(id, path, ct);
            }
        }

        _paths = paths;
    }

    private async Task RotateAsync(string id, string path, CancellationToken ct)
    {
        try
        {
            if (_rotator.IsDue(path))
            {
                await _rotator.RotateAsync(
                    path, async () => await _cri.ReopenContainerLogAsync(new Cri.ReopenContainerLogRequest { ContainerId = id }, cancellationToken: ct));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException || (e is RpcException && !ct.IsCancellationRequested))
        {
            // The others have their turn; this one has another in ten seconds.
            PodLog.LogNotRotated(_logger, path, (e as RpcException)?.Status.Detail ?? e.Message);
        }
    }
}
