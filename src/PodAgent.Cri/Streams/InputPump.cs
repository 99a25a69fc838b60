using PodAgent.Api.V1;

namespace PodAgent.Cri.Streams;

/// <summary>Copies a client's input to a process; what comes after the process has closed its end is dropped, as a shell would.</summary>
internal sealed class InputPump(Stream? stdin, bool closable, Func<TerminalSize, Task>? resize)
{
    private bool _closed = stdin is null;

    /// <summary>Takes input; returns when the process has room for more.</summary>
    public async Task WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        if (_closed)
        {
            return;
        }

        try
        {
            await stdin!.WriteAsync(data, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException)
        {
            _closed = true;
        }
    }

    /// <summary>The client's window has this size now; without a terminal nothing happens.</summary>
    public Task ResizeAsync(TerminalSize size) => resize?.Invoke(size) ?? Task.CompletedTask;

    /// <summary>No more input follows.</summary>
    public async Task CloseAsync()
    {
        // A terminal has one descriptor for both directions: the end of input there is a control character, which is the client's to send.
        if (!_closed && closable)
        {
            _closed = true;
            await stdin!.DisposeAsync().ConfigureAwait(false);
        }
    }
}
