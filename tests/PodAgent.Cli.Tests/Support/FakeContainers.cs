using Google.Protobuf;
using Grpc.Core;
using PodAgent.Api.V1;

namespace PodAgent.Cli.Tests.Support;

/// <summary>A container whose every process repeats its command and its input until that ends (at a terminal: until "q"), complains once and ends.</summary>
internal sealed class FakeContainers : ContainerStreamService.ContainerStreamServiceBase
{
    public ExecStart? Started { get; private set; }

    public int ExitCode { get; set; }

    /// <summary>What the process read.</summary>
    public string Input { get; private set; } = "";

    public override async Task Exec(
        IAsyncStreamReader<ExecRequest> requestStream, IServerStreamWriter<ExecResponse> responseStream, ServerCallContext context)
    {
        await requestStream.MoveNext(context.CancellationToken);
        Started = requestStream.Current.Start;
        await Write($"{string.Join(' ', Started.Command)}\n");
        while (Started.Stdin && await requestStream.MoveNext(context.CancellationToken) && !requestStream.Current.Input.CloseStdin)
        {
            string text = requestStream.Current.Input.Stdin.ToStringUtf8();
            Input += text;
            await Write(text);
            if (Started.Tty && text.Contains('q', StringComparison.Ordinal))
            {
                break;
            }
        }

        await responseStream.WriteAsync(new ExecResponse { Stderr = ByteString.CopyFromUtf8("a complaint\n") });
        await responseStream.WriteAsync(new ExecResponse { Exit = new StreamExit { ExitCode = ExitCode } });

        Task Write(string text) => responseStream.WriteAsync(new ExecResponse { Stdout = ByteString.CopyFromUtf8(text) });
    }
}
