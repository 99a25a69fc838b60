using System.Buffers;
using PodAgent.Api.V1;
using PodAgent.Streaming.RemoteCommand;

namespace PodAgent.Cri.Streams;

/// <summary>
/// A client of the streaming server. When it leaves, a command goes on as it does under containerd: its output is still read, and dropped,
/// so that it does not stand still for ever.
/// </summary>
internal sealed class RemoteCommandClient(IRemoteCommandSession session) : IStreamClient
{
    private const int BufferSize = 256 << 10;

    // Stdout, stderr: a client may give up one and want the other.
    private readonly bool[] _outputEnded = new bool[2];

    public async Task CopyOutputAsync(Stream output, bool isError, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            int count;
            while ((count = await output.ReadAsync(buffer.AsMemory(), cancellationToken).ConfigureAwait(false)) > 0)
            {
                await WriteOutputAsync(buffer.AsMemory(0, count), isError, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public async Task WriteOutputAsync(ReadOnlyMemory<byte> data, bool isError, CancellationToken cancellationToken)
    {
        if ((isError ? session.Stderr : session.Stdout) is not { } target || _outputEnded[isError ? 1 : 0] || session.ClientGone.IsCancellationRequested)
        {
            return;
        }

        try
        {
            await target.WriteAsync(data, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException)
        {
            _outputEnded[isError ? 1 : 0] = true;
        }
    }

    public async Task ReadInputAsync(InputPump input, CancellationToken cancellationToken) =>
        await Task.WhenAll(ReadStdinAsync(input, cancellationToken), ReadResizesAsync(input, cancellationToken)).ConfigureAwait(false);

    private async Task ReadStdinAsync(InputPump input, CancellationToken cancellationToken)
    {
        if (session.Stdin is not { } stdin)
        {
            return;
        }

        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            int count;
            while ((count = await stdin.ReadAsync(buffer.AsMemory(), cancellationToken).ConfigureAwait(false)) > 0)
            {
                await input.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
            }

            await input.CloseAsync().ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task ReadResizesAsync(InputPump input, CancellationToken cancellationToken)
    {
        await foreach (TerminalDimensions size in session.Resizes.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            await input.ResizeAsync(new TerminalSize { Columns = size.Width, Rows = size.Height }).ConfigureAwait(false);
        }
    }
}
