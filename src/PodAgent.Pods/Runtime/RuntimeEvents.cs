using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace PodAgent.Pods.Runtime;

/// <summary>
/// Listens to the runtime and says which pod to look at. Whenever the stream begins, and slowly all the time, everybody looks: an event that
/// was lost costs time, nothing else. A runtime without events is looked at every second.
/// </summary>
internal sealed class RuntimeEvents : IAsyncDisposable
{
    private static readonly TimeSpan s_poll = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(10);

    private readonly Cri.RuntimeService.RuntimeServiceClient _cri;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly TimeSpan _resync;
    private readonly Action<string?> _changed;
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;
    private ITimer? _timer;

    /// <param name="cri">The runtime.</param>
    /// <param name="time">For waits.</param>
    /// <param name="logger">For broken streams.</param>
    /// <param name="resync">How often everybody looks without an event.</param>
    /// <param name="changed">Gets the UID of a pod, or null for all.</param>
    public RuntimeEvents(Cri.RuntimeService.RuntimeServiceClient cri, TimeProvider time, ILogger logger, TimeSpan resync, Action<string?> changed)
    {
        _cri = cri;
        _time = time;
        _logger = logger;
        _resync = resync;
        _changed = changed;
    }

    public void Start()
    {
        _timer = _time.CreateTimer(_ => _changed(null), null, _resync, _resync);
        _loop = Task.Run(RunAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_timer is not null)
        {
            await _timer.DisposeAsync();
        }

        await _loop;
    }

    private async Task RunAsync()
    {
        TimeSpan wait = s_poll;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using AsyncServerStreamingCall<Cri.ContainerEventResponse> call =
                    _cri.GetContainerEvents(new Cri.GetEventsRequest(), cancellationToken: _stop.Token);
                _changed(null);
                // The server may have begun to listen only after everybody looked.
                using ITimer again = _time.CreateTimer(_ => _changed(null), null, s_poll, Timeout.InfiniteTimeSpan);
                while (await call.ResponseStream.MoveNext(_stop.Token))
                {
                    wait = s_poll;
                    string? uid = call.ResponseStream.Current.PodSandboxStatus?.Metadata?.Uid;
                    _changed(string.IsNullOrEmpty(uid) ? null : uid);
                }
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.Unimplemented)
            {
                // So that the doubling below gives the poll's period again.
                wait = s_poll / 2;
            }
            catch (Exception e) when (e is RpcException or OperationCanceledException or IOException)
            {
                if (!_stop.IsCancellationRequested)
                {
                    PodLog.EventStreamEnded(_logger, (e as RpcException)?.Status.Detail ?? e.Message, wait.TotalSeconds);
                }
            }

            try
            {
                await Task.Delay(wait, _time, _stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            wait = wait * 2 > s_longestWait ? s_longestWait : wait * 2;
        }
    }
}
