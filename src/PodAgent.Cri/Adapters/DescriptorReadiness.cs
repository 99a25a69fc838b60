using PodAgent.Linux;
using PodAgent.Linux.Events;

namespace PodAgent.Cri.Adapters;

/// <summary>
/// Waits for pipes and terminals without a thread for each: .NET's own streams would block one per read. One thread sleeps in epoll_wait
/// and completes tasks.
/// </summary>
internal sealed class DescriptorReadiness : IDisposable
{
    private const ulong WakeToken = 0;

    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, Wait> _waits = [];
    private readonly EventPoll _poll = new();
    private readonly Fd _wake = EventCounter.Open();
    private readonly Thread _thread;
    private ulong _lastToken = WakeToken;
    private bool _disposed;

    public DescriptorReadiness()
    {
        _poll.Add(_wake, EventKinds.Readable, WakeToken);
        _thread = new Thread(Run) { IsBackground = true, Name = "stdio" };
        _thread.Start();
    }

    /// <summary>Completes when the descriptor is ready or broken. A descriptor is waited for once at a time, and stays open meanwhile.</summary>
    public async Task WaitAsync(Fd file, EventKinds kinds, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var wait = new Wait(file);
        ulong token;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            token = ++_lastToken;
            _waits.Add(token, wait);
            _poll.Add(file, kinds, token);
        }

        await using CancellationTokenRegistration left = cancellationToken.Register(() => TakeOut(token)?.Ready.TrySetCanceled(cancellationToken));
        await wait.Ready.Task.ConfigureAwait(false);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
        }

        EventCounter.Signal(_wake);
        _thread.Join();
        foreach (ulong token in _waits.Keys.ToList())
        {
            TakeOut(token)?.Ready.TrySetCanceled(CancellationToken.None);
        }

        _poll.Dispose();
        _wake.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            int count = _poll.Wait(-1);
            for (int i = 0; i < count; i++)
            {
                (ulong token, _) = _poll.At(i);
                if (token == WakeToken)
                {
                    return;
                }

                TakeOut(token)?.Ready.TrySetResult();
            }
        }
    }

    // Under the lock: who cancels may close the descriptor right afterwards.
    private Wait? TakeOut(ulong token)
    {
        lock (_gate)
        {
            if (_waits.Remove(token, out Wait? wait))
            {
                _poll.Remove(wait.File);
            }

            return wait;
        }
    }

    private sealed record Wait(Fd File)
    {
        public TaskCompletionSource Ready { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
