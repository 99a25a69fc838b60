using Grpc.Core;
using PodAgent.Api.V1;
using PodAgent.Images.Transfers;
using Progress = PodAgent.Images.Transfers.TransferProgress;

namespace PodAgent.Cri.Images;

/// <summary>Tells a client how far a transfer is, ten times a second at most and only when something has changed.</summary>
internal static class TransferStream
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(100);

    /// <summary>Runs the transfer; its result is the last message. A client that leaves gives it up.</summary>
    public static async Task RunAsync(
        TimeProvider time,
        Progress progress,
        Func<CancellationToken, Task<TransferResult>> transfer,
        IServerStreamWriter<Api.V1.TransferProgress> responses,
        CancellationToken cancellationToken)
    {
        Task<TransferResult> running = transfer(cancellationToken);
        Api.V1.TransferProgress? last = null;
        try
        {
            using var timer = new PeriodicTimer(s_interval, time);
            while (!running.IsCompleted)
            {
                Task tick = timer.WaitForNextTickAsync(cancellationToken).AsTask();
                await Task.WhenAny(running, tick).ConfigureAwait(false);
                Api.V1.TransferProgress now = Message(progress);
                if (!now.Equals(last) && now.Layers.Count > 0)
                {
                    last = now;
                    await responses.WriteAsync(now, cancellationToken).ConfigureAwait(false);
                }

                if (!running.IsCompleted)
                {
                    await tick.ConfigureAwait(false);
                }
            }
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // Nobody listens any more; the call's own cancellation ends the transfer.
            await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        Api.V1.TransferProgress end = Message(progress);
        end.Result = await running.ConfigureAwait(false);
        await responses.WriteAsync(end, cancellationToken).ConfigureAwait(false);
    }

    private static Api.V1.TransferProgress Message(Progress progress)
    {
        var message = new Api.V1.TransferProgress();
        message.Layers.Add(progress.Layers().Select(layer => new LayerProgress
        {
            Digest = layer.Digest,
            Size = layer.Size,
            Transferred = layer.Transferred,
            State = layer.State switch
            {
                LayerState.Waiting => LayerProgress.Types.State.Waiting,
                LayerState.Transferring => LayerProgress.Types.State.Transferring,
                LayerState.Unpacking => LayerProgress.Types.State.Unpacking,
                LayerState.Done => LayerProgress.Types.State.Done,
                LayerState.Present => LayerProgress.Types.State.Present,
                _ => throw new ArgumentOutOfRangeException(nameof(progress), layer.State, null),
            },
        }));
        return message;
    }
}
