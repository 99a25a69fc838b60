using PodAgent.Streaming;

namespace PodAgent.Cri.Containers;

/// <summary>
/// One output of a command. It ends with its last writer, which may be a child that the command has left behind, for ever. So, a moment after the
/// command, it ends with what is in the pipe: that is all the command itself can have written, and a client gets it however slowly it reads.
/// </summary>
internal sealed class CommandOutput : AsyncByteStream
{
    /// <summary>How long children may go on after the command.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    // As much as a pipe can be made to hold without privileges (/proc/sys/fs/pipe-max-size): a child that never stops writing has no more read.
    private const int PipeCapacity = 1 << 20;

    private readonly Stream _output;
    private readonly CancellationTokenSource _late;
    private readonly CancellationToken _isLate;
    private int _left = PipeCapacity;

    /// <param name="output">The agent's end, which stays the caller's; a read takes at once what is there.</param>
    /// <param name="time">The clock.</param>
    public CommandOutput(Stream output, TimeProvider time)
    {
        _output = output;
        _late = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _isLate = _late.Token;
    }

    public override bool CanWrite => false;

    /// <summary>The command has ended.</summary>
    public void CommandEnded() => _late.CancelAfter(Patience);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_isLate.IsCancellationRequested)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _isLate);
            try
            {
                return await _output.ReadAsync(buffer, either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_isLate.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                // What came in the same moment is taken below.
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        int read = await ReadPresentAsync(buffer[..Math.Min(buffer.Length, _left)]).ConfigureAwait(false);
        _left -= read;
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _late.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask<int> ReadPresentAsync(Memory<byte> buffer)
    {
        if (buffer.Length == 0)
        {
            return 0;
        }

        using var stop = new CancellationTokenSource();
        ValueTask<int> read = _output.ReadAsync(buffer, stop.Token);
        if (!read.IsCompleted)
        {
            await stop.CancelAsync().ConfigureAwait(false);
        }

        try
        {
            return await read.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return 0;
        }
    }
}
