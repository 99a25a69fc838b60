using PodAgent.Api.V1;

namespace PodAgent.Cri.Streams;

/// <summary>Copies a client's input to a process; what comes after the process has closed its end is dropped, as a shell would.</summary>
internal sealed class InputPump(Stream? stdin, bool closable, Func<TerminalSize, Task>? resize)
{
    private bool _closed = stdin is null;

    public async Task HandleAsync(StreamInput input, CancellationToken cancellationToken)
    {
        switch (input.InputCase)
        {
            case StreamInput.InputOneofCase.Stdin when !_closed:
                await WriteAsync(input.Stdin.Memory, cancellationToken).ConfigureAwait(false);
                break;
            case StreamInput.InputOneofCase.CloseStdin when input.CloseStdin:
                await CloseAsync().ConfigureAwait(false);
                break;
            case StreamInput.InputOneofCase.Resize when resize is not null:
                await resize(input.Resize).ConfigureAwait(false);
                break;
        }
    }

    public async Task CloseAsync()
    {
        // A terminal has one descriptor for both directions: the end of input there is a control character, which is the client's to send.
        if (!_closed && closable)
        {
            _closed = true;
            await stdin!.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        try
        {
            await stdin!.WriteAsync(data, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException)
        {
            _closed = true;
        }
    }
}
