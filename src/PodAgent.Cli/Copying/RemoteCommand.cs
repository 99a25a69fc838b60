using Google.Protobuf;
using Grpc.Core;
using PodAgent.Api.V1;
using PodAgent.Cli.Output;

namespace PodAgent.Cli.Copying;

/// <summary>A command in a container whose input or output is a stream here. Its error output is the caller's.</summary>
internal sealed class RemoteCommand : IDisposable
{
    private readonly AsyncDuplexStreamingCall<ExecRequest, ExecResponse> _call;
    private ReadOnlyMemory<byte> _rest;
    private int? _exitCode;

    private RemoteCommand(AsyncDuplexStreamingCall<ExecRequest, ExecResponse> call) => _call = call;

    public static async Task<RemoteCommand> StartAsync(
        ContainerStreamService.ContainerStreamServiceClient agent, string containerId, bool stdin, string[] words, CancellationToken cancel)
    {
        var command = new RemoteCommand(agent.Exec(cancellationToken: cancel));
        var start = new ExecStart { ContainerId = containerId, Stdin = stdin };
        start.Command.AddRange(words);
        await command._call.RequestStream.WriteAsync(new ExecRequest { Start = start }, cancel);
        return command;
    }

    public Task WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancel) =>
        _call.RequestStream.WriteAsync(new ExecRequest { Input = new StreamInput { Stdin = ByteString.CopyFrom(data.Span) } }, cancel);

    public Task CloseInputAsync(CancellationToken cancel) => _call.RequestStream.WriteAsync(new ExecRequest { Input = new StreamInput { CloseStdin = true } }, cancel);

    /// <summary>Reads its output; 0 bytes are the end.</summary>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancel)
    {
        while (_rest.IsEmpty && _exitCode is null)
        {
            if (!await _call.ResponseStream.MoveNext(cancel))
            {
                throw new CliException("error: the stream ended without an exit code");
            }

            ExecResponse response = _call.ResponseStream.Current;
            switch (response.ResponseCase)
            {
                case ExecResponse.ResponseOneofCase.Stdout:
                    _rest = response.Stdout.Memory;
                    break;
                case ExecResponse.ResponseOneofCase.Stderr:
                    Console.Error.Write(TerminalText.Visible(response.Stderr.ToStringUtf8()));
                    break;
                case ExecResponse.ResponseOneofCase.Exit:
                    _exitCode = response.Exit.ExitCode;
                    break;
            }
        }

        int count = Math.Min(buffer.Length, _rest.Length);
        _rest[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }

    /// <summary>Waits for its end; output that nobody read is dropped.</summary>
    public async Task<int> ExitAsync(CancellationToken cancel)
    {
        byte[] dropped = new byte[16 << 10];
        while (await ReadAsync(dropped, cancel) > 0)
        {
            // On to the end.
        }

        return _exitCode!.Value;
    }

    public void Dispose() => _call.Dispose();
}
