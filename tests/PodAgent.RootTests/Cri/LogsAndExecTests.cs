using Google.Protobuf;
using Grpc.Core;
using PodAgent.Api.Cri;
using PodAgent.Api.V1;
using StreamApi = PodAgent.Api.V1;

namespace PodAgent.RootTests.Cri;

public sealed class LogsAndExecTests
{
    [Fact]
    public async Task Log_WhenExited_IsCompleteInCriFormat()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string sandbox = await machine.RunAsync();
        ContainerStatus status = await machine.RunToEndAsync(sandbox, CriMachine.Shell("echo 'hello World'; echo oops >&2; printf rest; exit 3"));
        Assert.Equal((3, "Error"), (status.ExitCode, status.Reason));
        string[] lines = machine.LogLines();
        Assert.Equal(3, lines.Length);
        Assert.Contains(lines, line => System.Text.RegularExpressions.Regex.IsMatch(line, "^2[0-9-]+T[0-9:.]+Z stdout F hello World$"));
        Assert.Contains(lines, line => line.EndsWith(" stderr F oops", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains(" stdout ", StringComparison.Ordinal) && line.EndsWith(" rest", StringComparison.Ordinal));
        Assert.Equal(Path.Combine(machine.Logs, "pod", "main", "0.log"), status.LogPath);
    }

    [Fact]
    public async Task ReopenContainerLog_AfterRename_WritesToANewFile()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string sandbox = await machine.RunAsync();
        string id = await machine.StartAsync(sandbox, CriMachine.Shell("mkfifo /fifo; while read line; do echo $line; done < /fifo"));
        string path = (await machine.StatusAsync(id)).LogPath;
        File.Move(path, path + ".old");
        await machine.Runtime.ReopenContainerLogAsync(new ReopenContainerLogRequest { ContainerId = id });
        Assert.True(File.Exists(path));
        await machine.ShellAsync(id, "echo after > /fifo");
        await machine.ExitAsync(id);
        Assert.Equal(["after"], machine.LogTexts());
        Assert.Equal(0, new FileInfo(path + ".old").Length);
    }

    [Fact]
    public async Task ExecSync_TimeIsUp_KillsTheCommandAndItsChildren()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string sandbox = await machine.RunAsync();
        string id = await machine.StartAsync(sandbox, CriMachine.Shell("exec tail -f /dev/null"));
        var failure = await Assert.ThrowsAsync<RpcException>(async () => await machine.Runtime.ExecSyncAsync(new ExecSyncRequest
        {
            ContainerId = id,
            Cmd = { "sh", "-c", "sleep 4321 & setsid sleep 4321 & sleep 4321" },
            Timeout = 1,
        }));
        Assert.Equal(StatusCode.DeadlineExceeded, failure.StatusCode);
        Assert.Equal((0, "", ""), await machine.ShellAsync(id, "cat /proc/[0-9]*/comm | grep -x sleep || true"));
        Assert.Equal(ContainerState.ContainerRunning, (await machine.StatusAsync(id)).State);
    }

    [Fact]
    public async Task ExecSync_MissingCommand_SaysSo()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string id = await machine.StartAsync(await machine.RunAsync(), CriMachine.Shell("sleep 1000"));
        var failure = await Assert.ThrowsAsync<RpcException>(() => machine.ExecAsync(id, "/nope"));
        Assert.Contains("/nope", failure.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ExecSync_MuchOutput_IsCutAt16MiBAndTheCommandEnds()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string id = await machine.StartAsync(await machine.RunAsync(), CriMachine.Shell("sleep 1000"));
        (int code, string output, _) = await machine.ShellAsync(id, "head -c 20000000 /dev/zero | tr '\\0' x; exit 5");
        Assert.Equal((5, 16 << 20), (code, output.Length));
    }

    [Fact]
    public async Task ExecSync_ManyAtOnce_AllAnswer()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string id = await machine.StartAsync(await machine.RunAsync(), CriMachine.Shell("sleep 1000"));
        (int Code, string Out, string Error)[] answers = await Task.WhenAll(
            Enumerable.Range(0, 40).Select(i => machine.ShellAsync(id, $"echo {i}; exit {i}")));
        Assert.Equal(Enumerable.Range(0, 40).Select(i => (i, $"{i}\n", "")), answers);
    }

    [Fact]
    public async Task Exec_WithInput_RunsUntilTheInputEnds()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string id = await machine.StartAsync(await machine.RunAsync(), CriMachine.Shell("sleep 1000"));
        using AsyncDuplexStreamingCall<StreamApi.ExecRequest, StreamApi.ExecResponse> call = machine.Streams.Exec();
        await call.RequestStream.WriteAsync(new() { Start = new ExecStart { ContainerId = id, Command = { "sh", "-c", "cat; echo bye >&2; exit 9" }, Stdin = true } });
        await call.RequestStream.WriteAsync(new() { Input = new StreamInput { Stdin = ByteString.CopyFromUtf8("typed") } });
        await call.RequestStream.WriteAsync(new() { Input = new StreamInput { CloseStdin = true } });
        (string output, string error, StreamExit exit) = await ReadAsync(call.ResponseStream);
        Assert.Equal(("typed", "bye\n", 9), (output, error, exit.ExitCode));
    }

    [Fact]
    public async Task Exec_Terminal_IsOneWithTheRightSize()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string id = await machine.StartAsync(await machine.RunAsync(), CriMachine.Shell("sleep 1000"));
        using AsyncDuplexStreamingCall<StreamApi.ExecRequest, StreamApi.ExecResponse> call = machine.Streams.Exec();
        await call.RequestStream.WriteAsync(new()
        {
            Start = new ExecStart
            {
                ContainerId = id,
                Command = { "sh", "-c", "test -t 0 && test -t 1 && stty size && exit 4" },
                Tty = true,
                Stdin = true,
                Size = new StreamApi.TerminalSize { Columns = 123, Rows = 45 },
            },
        });
        (string output, _, StreamExit exit) = await ReadAsync(call.ResponseStream);
        Assert.Equal(("45 123\r\n", 4), (output, exit.ExitCode));
    }

    [Fact]
    public async Task Exec_ClientLeaves_EndsTheCommand()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string id = await machine.StartAsync(await machine.RunAsync(), CriMachine.Shell("exec tail -f /dev/null"));
        using (AsyncDuplexStreamingCall<StreamApi.ExecRequest, StreamApi.ExecResponse> call = machine.Streams.Exec())
        {
            await call.RequestStream.WriteAsync(new() { Start = new ExecStart { ContainerId = id, Command = { "sh", "-c", "echo $$; sleep 4321" } } });
            Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        }

        // The call has ended for its client; the killing goes on behind it, so the container itself waits for its end.
        Assert.Equal(0, (await machine.ShellAsync(
            id, "for i in $(seq 100); do cat /proc/[0-9]*/comm 2>/dev/null | grep -qx sleep || exit 0; read -t 0.1 x < /dev/zero; done; exit 1")).Code);
    }

    [Fact]
    public async Task Attach_WithInput_TalksToTheMainProcess()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string sandbox = await machine.RunAsync();
        ContainerConfig config = CriMachine.Shell("read line; echo got $line; exit 6");
        config.Stdin = true;
        config.StdinOnce = true;
        string id = await machine.StartAsync(sandbox, config);
        using AsyncDuplexStreamingCall<StreamApi.AttachRequest, StreamApi.ExecResponse> call = machine.Streams.Attach();
        await call.RequestStream.WriteAsync(new() { Start = new AttachStart { ContainerId = id, Stdin = true } });
        await call.RequestStream.WriteAsync(new() { Input = new StreamInput { Stdin = ByteString.CopyFromUtf8("line\n") } });
        (string output, _, StreamExit exit) = await ReadAsync(call.ResponseStream);
        Assert.Equal(("got line\n", 6), (output, exit.ExitCode));
        Assert.Equal(["got line"], machine.LogTexts());
    }

    private static async Task<(string Output, string Error, StreamExit Exit)> ReadAsync(IAsyncStreamReader<StreamApi.ExecResponse> responses)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        string output = "", error = "";
        while (await responses.MoveNext(limit.Token))
        {
            switch (responses.Current.ResponseCase)
            {
                case StreamApi.ExecResponse.ResponseOneofCase.Stdout:
                    output += responses.Current.Stdout.ToStringUtf8();
                    break;
                case StreamApi.ExecResponse.ResponseOneofCase.Stderr:
                    error += responses.Current.Stderr.ToStringUtf8();
                    break;
                case StreamApi.ExecResponse.ResponseOneofCase.Exit:
                    return (output, error, responses.Current.Exit);
            }
        }

        throw new InvalidOperationException($"the stream ended without an exit, after \"{output}\" and \"{error}\"");
    }
}
