using System.Runtime.CompilerServices;
using Grpc.Core;
using PodAgent.Rpc.Protocol;

namespace PodAgent.Rpc.Server;

/// <summary>
/// The life of one call on the server, whatever the transport.
/// <code>
///             handler returned or threw
///   running ────────────────────────────► ended (status of the handler)
///      │      deadline, client gone, shutdown
///      └────────────────────────────────► ended early (status of the event); the handler's token is cancelled,
///                                         what the handler still does is of no consequence
/// </code>
/// </summary>
internal sealed class CallLifetime : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly TaskCompletionSource<Status> _endedEarly = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenRegistration _clientGone;
    private StrongBox<Status>? _earlyStatus;
    private readonly ITimer? _deadlineTimer;

    internal CallLifetime(TimeProvider time, DateTime deadline, CancellationToken clientGone)
    {
        _source = new CancellationTokenSource();
        Token = _source.Token;
        Deadline = deadline;
        if (deadline != DateTime.MaxValue)
        {
            if (DeadlineTimer.Remaining(time, deadline) == TimeSpan.Zero)
            {
                OnDeadline();
            }

            _deadlineTimer = DeadlineTimer.Start(time, deadline, OnDeadline);
        }

        _clientGone = clientGone.UnsafeRegister(static state => ((CallLifetime)state!).OnClientGone(), this);
    }

    /// <summary>Cancelled when the call ends early.</summary>
    internal CancellationToken Token { get; }

    internal DateTime Deadline { get; }

    /// <summary>Completes when the call ends early, after <see cref="Token"/> is cancelled.</summary>
    internal Task<Status> EndedEarly => _endedEarly.Task;

    /// <summary>Why the call ended early, or null; it is there before <see cref="Token"/> is cancelled.</summary>
    internal Status? EarlyStatus => Volatile.Read(ref _earlyStatus)?.Value;

    /// <summary>Ends the call before its handler does; the first reason counts.</summary>
    internal void End(Status status)
    {
        if (Interlocked.CompareExchange(ref _earlyStatus, new StrongBox<Status>(status), null) is not null)
        {
            return;
        }

        // The order counts: a handler that fails by its token finds the reason, and whoever shuts the streams of an ended call
        // can rely on the token, so that no handler takes the shutting for an ordinary end of its requests.
        // Callbacks of the token are handlers' code: they must not run on a timer or transport thread of ours.
        _ = _source.CancelAsync();
        _endedEarly.TrySetResult(status);
    }

    public void Dispose()
    {
        _deadlineTimer?.Dispose();
        _clientGone.Dispose();
    }

    private void OnDeadline() => End(new Status(StatusCode.DeadlineExceeded, "the deadline has passed"));

    private void OnClientGone() => End(new Status(StatusCode.Cancelled, "the client cancelled the call"));
}
