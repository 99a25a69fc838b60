using System.Collections.Concurrent;
using Grpc.Core;

namespace PodAgent.Rpc.Server;

/// <summary>The calls that are running, so that a stopping server can end them.</summary>
internal sealed class RunningCalls(TimeProvider time, TimeSpan grace, string message)
{
    private readonly ConcurrentDictionary<CallLifetime, byte> _calls = new();
    private ITimer? _graceTimer;
    private volatile bool _graceOver;

    internal void Add(CallLifetime call)
    {
        _calls.TryAdd(call, 0);
        if (_graceOver)
        {
            End(call);
        }
    }

    internal void Remove(CallLifetime call) => _calls.TryRemove(call, out _);

    /// <summary>Gives the running calls their grace, then ends them.</summary>
    internal void Stop()
    {
        // Kept alive by this field: an unreferenced timer is collected and never fires.
        _graceTimer = time.CreateTimer(static state => ((RunningCalls)state!).EndAll(), this, grace, Timeout.InfiniteTimeSpan);
    }

    private void End(CallLifetime call) => call.End(new Status(StatusCode.Unavailable, message));

    private void EndAll()
    {
        _graceOver = true;
        _graceTimer?.Dispose();
        foreach (CallLifetime call in _calls.Keys)
        {
            End(call);
        }
    }
}
