using System.Runtime.InteropServices;
using Google.Protobuf;
using Grpc.Core;
using PodAgent.Api.V1;
using PodAgent.Linux;
using PodAgent.Linux.Terminals;

namespace PodAgent.Cli.Terminal;

/// <summary>
/// Joins the caller's terminal or pipes to a process in a container: input and window changes one way, output the other, until the
/// process ends.
/// </summary>
internal sealed class StreamSession(bool stdin, bool tty)
{
    private const int ChunkSize = 32 * 1024;

    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Whether a terminal that was asked for can be had; says why not on standard error, as kubectl does.</summary>
    public static bool TerminalIsPossible(bool wanted, bool stdin)
    {
        if (wanted && stdin && !RawTerminal.IsTerminal(StandardStream.InputDescriptor))
        {
            Console.Error.WriteLine("Unable to use a TTY - input is not a terminal or the right kind of file");
            return false;
        }

        return wanted;
    }

    /// <summary>The caller's window; null when there is none.</summary>
    public static TerminalSize? CurrentSize() =>
        RawTerminal.Size(StandardStream.InputDescriptor) is var (columns, rows) ? new TerminalSize { Columns = (uint)columns, Rows = (uint)rows } : null;

    /// <summary>Runs until the process ends.</summary>
    /// <param name="send">Sends input to the process. Calls never overlap.</param>
    /// <param name="responses">What comes back.</param>
    /// <param name="cancel">Ends the session; the process ends with it.</param>
    /// <returns>The process's exit code.</returns>
    public async Task<int> RunAsync(Func<StreamInput, Task> send, IAsyncStreamReader<ExecResponse> responses, CancellationToken cancel)
    {
        bool raw = tty && stdin && RawTerminal.IsTerminal(StandardStream.InputDescriptor);
        using RawTerminal? terminal = raw ? RawTerminal.Enter(StandardStream.InputDescriptor) : null;
        using PosixSignalRegistration? resize = raw ? PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => SendSize(send)) : null;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        if (stdin)
        {
            // Not awaited: a read of a terminal cannot be withdrawn, and the process may end while one waits.
            _ = PumpInputAsync(send, ended.Token);
        }

        try
        {
            return await PumpOutputAsync(responses, cancel);
        }
        finally
        {
            await ended.CancelAsync();
        }
    }

    private async Task<int> PumpOutputAsync(IAsyncStreamReader<ExecResponse> responses, CancellationToken cancel)
    {
        await using Stream output = StandardStream.Output;
        await using Stream error = StandardStream.Error;
        await foreach (ExecResponse response in responses.ReadAllAsync(cancel))
        {
            switch (response.ResponseCase)
            {
                case ExecResponse.ResponseOneofCase.Stdout:
                    await output.WriteAsync(response.Stdout.Memory, cancel);
                    await output.FlushAsync(cancel);
                    break;
                case ExecResponse.ResponseOneofCase.Stderr:
                    await error.WriteAsync(response.Stderr.Memory, cancel);
                    await error.FlushAsync(cancel);
                    break;
                case ExecResponse.ResponseOneofCase.Exit:
                    return response.Exit.ExitCode;
            }
        }

        throw new CliException("error: the stream ended without an exit code");
    }

    private async Task PumpInputAsync(Func<StreamInput, Task> send, CancellationToken ended)
    {
        try
        {
            await using Stream input = StandardStream.Input;
            byte[] buffer = new byte[ChunkSize];
            int count;
            while ((count = await input.ReadAsync(buffer, ended)) > 0)
            {
                await SendAsync(send, new StreamInput { Stdin = ByteString.CopyFrom(buffer, 0, count) }, ended);
            }

            await SendAsync(send, new StreamInput { CloseStdin = true }, ended);
        }
        catch (Exception failure) when (failure is RpcException or InvalidOperationException or OperationCanceledException or LinuxException)
        {
            // The process is gone, and with it the need for input; its exit code tells the caller.
        }
    }

    private async Task SendAsync(Func<StreamInput, Task> send, StreamInput input, CancellationToken ended)
    {
        await _turn.WaitAsync(ended);
        try
        {
            await send(input);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async void SendSize(Func<StreamInput, Task> send)
    {
        try
        {
            if (CurrentSize() is { } size)
            {
                await SendAsync(send, new StreamInput { Resize = size }, CancellationToken.None);
            }
        }
        catch (Exception failure) when (failure is RpcException or InvalidOperationException)
        {
            // As above: the process ended while the window changed.
        }
    }
}
