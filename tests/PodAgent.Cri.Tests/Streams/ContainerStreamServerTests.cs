using System.Text;
using Google.Protobuf;
using PodAgent.Api.V1;
using PodAgent.Cri.Tests.Fakes;
using PodAgent.Linux;
using Wire = PodAgent.Containers.Protocol;

namespace PodAgent.Cri.Tests.Streams;

public sealed class ContainerStreamServerTests : IDisposable
{
    private readonly TestRuntime _runtime = new();
    private readonly RequestStream<ExecRequest> _requests = new();
    private readonly ResponseStream<ExecResponse> _responses = new();

    [Fact]
    public async Task Exec_PipedCommand_CarriesInputOutputAndExit()
    {
        (FakeSupervisor supervisor, string id) = await RunningAsync();
        string? exec = null;
        supervisor.OnExec = (request, _) => exec = request.Id;
        Start(new ExecStart { ContainerId = id, Command = { "cat" }, Stdin = true });
        Task call = InvokeAsync();
        _requests.Send(Input(new StreamInput { Stdin = ByteString.CopyFromUtf8("typed") }));
        _requests.Send(Input(new StreamInput { CloseStdin = true }));
        using (var stdin = new StreamReader(_runtime.Stdio.Inputs[0]))
        {
            Assert.Equal("typed", await stdin.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(10)));
        }

        await _runtime.Stdio.Outputs[0].WriteAsync(Encoding.UTF8.GetBytes("out"));
        Assert.Equal("out", (await _responses.NextAsync()).Stdout.ToStringUtf8());
        await _runtime.Stdio.Outputs[1].WriteAsync(Encoding.UTF8.GetBytes("err"));
        Assert.Equal("err", (await _responses.NextAsync()).Stderr.ToStringUtf8());
        CloseOutputs();
        supervisor.End(exec!, 130);
        StreamExit exit = (await _responses.NextAsync()).Exit;
        Assert.Equal((130, 2), (exit.ExitCode, exit.Signal));
        await call.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Exec_Terminal_HasItsSizeAndFollowsResizes()
    {
        (FakeSupervisor supervisor, string id) = await RunningAsync();
        Wire.ExecRequest? seen = null;
        supervisor.OnExec = (request, _) => seen = request;
        Start(new ExecStart { ContainerId = id, Command = { "sh" }, Tty = true, Size = new TerminalSize { Columns = 100, Rows = 30 } });
        Task call = InvokeAsync();
        _requests.Send(Input(new StreamInput { Resize = new TerminalSize { Columns = 120, Rows = 40 } }));
        _requests.Complete();
        Assert.True(seen!.HasTerminalFd);
        Assert.False(seen.HasStdoutFd);
        Assert.True(seen.Process.Tty);
        Assert.Contains("TERM=xterm", seen.Process.Env);
        CloseOutputs();
        supervisor.End(seen.Id, 0);
        Assert.Equal(0, (await _responses.NextAsync()).Exit.ExitCode);
        await call.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal([(100u, 30u), (120u, 40u)], _runtime.Stdio.Sizes);
    }

    [Fact]
    public async Task Exec_OtherUserEnvironmentAndDirectory_AreTaken()
    {
        (FakeSupervisor supervisor, string id) = await RunningAsync();
        Wire.ProcessSpec? process = null;
        supervisor.OnExec = (request, _) =>
        {
            process = request.Process;
            CloseOutputs();
            supervisor.End(request.Id, 0);
        };
        Start(new ExecStart { ContainerId = id, Command = { "id" }, User = "1000", WorkingDir = "/tmp", Env = { "A=mine", "B=2" } });
        await InvokeAsync().WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal((1000u, 1000u, "/tmp"), (process!.Uid, process.Gid, process.WorkingDir));
        Assert.Equal([1000u, 50000u], process.AdditionalGids);
        Assert.Contains("A=mine", process.Env);
        Assert.Contains("B=2", process.Env);
        Assert.Contains("HOME=/home/default-user", process.Env);
        Assert.DoesNotContain("A=image", process.Env);
    }

    [Fact]
    public async Task Exec_ClientLeaves_EverythingIsKilled()
    {
        (FakeSupervisor supervisor, string id) = await RunningAsync();
        string? exec = null;
        supervisor.OnExec = (request, _) => exec = request.Id;
        _runtime.Cgroups.OnKill = _ => supervisor.End(exec!, 137);
        Start(new ExecStart { ContainerId = id, Command = { "sleep", "inf" } });
        using var leave = new CancellationTokenSource();
        Task call = InvokeAsync(leave.Token);
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Contains(_runtime.Cgroups.Killed, path => path.EndsWith($"exec-{exec}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Exec_FirstMessageIsNotStart_IsRefused()
    {
        _requests.Send(Input(new StreamInput { CloseStdin = true }));
        Assert.Equal(ErrorKind.InvalidArgument, (await Assert.ThrowsAsync<AgentException>(() => InvokeAsync())).Kind);
    }

    [Fact]
    public async Task Exec_NoCommand_IsRefused()
    {
        (_, string id) = await RunningAsync();
        Start(new ExecStart { ContainerId = id });
        Assert.Equal("no command specified", (await Assert.ThrowsAsync<AgentException>(() => InvokeAsync())).Message);
    }

    [Fact]
    public async Task Attach_Container_EndsWithItsExitCode()
    {
        (FakeSupervisor supervisor, string id) = await RunningAsync();
        var requests = new RequestStream<AttachRequest>();
        requests.Send(new AttachRequest { Start = new AttachStart { ContainerId = id } });
        Task call = _runtime.Streams.Attach(requests, _responses, new TestCallContext());
        await _runtime.Stdio.Outputs[0].WriteAsync(Encoding.UTF8.GetBytes("log"));
        Assert.Equal("log", (await _responses.NextAsync()).Stdout.ToStringUtf8());
        supervisor.End(id, 4);
        CloseOutputs();
        Assert.Equal(4, (await _responses.NextAsync()).Exit.ExitCode);
        await call.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Attach_Replay_BeginsWithTheLogAsItWasWritten()
    {
        Api.Cri.RunPodSandboxRequest run = TestRuntime.SandboxRequest();
        run.Config.LogDirectory = Path.Combine(_runtime.Root, "logs");
        string sandbox = await _runtime.RunAsync(run);
        Api.Cri.CreateContainerRequest create = TestRuntime.ContainerRequest(sandbox);
        create.Config.LogPath = "c.log";
        string id = await _runtime.CreateAsync(create);
        await _runtime.Start.InvokeAsync(new Api.Cri.StartContainerRequest { ContainerId = id }, CancellationToken.None);
        string path = _runtime.Container(id).Record.LogPath;
        string entries = "2026-01-02T03:04:05.000000000Z stdout F one\n2026-01-02T03:04:05.000000000Z stdout P two\n"
            + "2026-01-02T03:04:05.000000000Z stdout F  three\n2026-01-02T03:04:05.000000000Z stderr F four\n";
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, entries + "2026-01-02T03:04:05.000000000Z stdout F later\n");
        FakeSupervisor supervisor = _runtime.Supervisor(sandbox);
        supervisor.LogSize = entries.Length;
        var requests = new RequestStream<AttachRequest>();
        requests.Send(new AttachRequest { Start = new AttachStart { ContainerId = id, Replay = true } });
        Task call = _runtime.Streams.Attach(requests, _responses, new TestCallContext());
        Assert.Equal("one\ntwo three\n", (await _responses.NextAsync()).Stdout.ToStringUtf8());
        Assert.Equal("four\n", (await _responses.NextAsync()).Stderr.ToStringUtf8());
        supervisor.End(id, 0);
        CloseOutputs();
        Assert.Equal(0, (await _responses.NextAsync()).Exit.ExitCode);
        await call.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Attach_StdinOfAContainerWithout_IsRefused()
    {
        (_, string id) = await RunningAsync();
        var requests = new RequestStream<AttachRequest>();
        requests.Send(new AttachRequest { Start = new AttachStart { ContainerId = id, Stdin = true } });
        var failure = await Assert.ThrowsAsync<AgentException>(
            () => _runtime.Streams.Attach(requests, _responses, new TestCallContext()));
        Assert.Contains("has no standard input", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PortForward_ListeningPort_CarriesBothWaysAndBothEnds()
    {
        string sandbox = await _runtime.RunAsync();
        var requests = new RequestStream<ForwardRequest>();
        var responses = new ResponseStream<ForwardResponse>();
        requests.Send(new ForwardRequest { Start = new ForwardStart { PodSandboxId = sandbox, Port = 80 } });
        Task call = _runtime.Streams.PortForward(requests, responses, new TestCallContext());
        Assert.Equal(ForwardResponse.ResponseOneofCase.None, (await responses.NextAsync()).ResponseCase);
        requests.Send(new ForwardRequest { Data = ByteString.CopyFromUtf8("hello") });
        Assert.Equal("hello", (await responses.NextAsync()).Data.ToStringUtf8());
        requests.Complete();
        Assert.True((await responses.NextAsync()).End);
        await call.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData(81u, ErrorKind.FailedPrecondition, "failed to connect to localhost:81 inside the pod's network namespace, IPv4: connection refused")]
    [InlineData(0u, ErrorKind.InvalidArgument, "port 0 is not between")]
    [InlineData(65536u, ErrorKind.InvalidArgument, "port 65536 is not between")]
    public async Task PortForward_NoSuchPort_SaysWhy(uint port, ErrorKind kind, string why)
    {
        string sandbox = await _runtime.RunAsync();
        var requests = new RequestStream<ForwardRequest>();
        requests.Send(new ForwardRequest { Start = new ForwardStart { PodSandboxId = sandbox, Port = port } });
        var failure = await Assert.ThrowsAsync<AgentException>(
            () => _runtime.Streams.PortForward(requests, new ResponseStream<ForwardResponse>(), new TestCallContext()));
        Assert.Equal(kind, failure.Kind);
        Assert.Contains(why, failure.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _runtime.Dispose();

    private async Task<(FakeSupervisor Supervisor, string Id)> RunningAsync()
    {
        string sandbox = await _runtime.RunAsync();
        return (_runtime.Supervisor(sandbox), await _runtime.RunningAsync(sandbox));
    }

    private void Start(ExecStart start) => _requests.Send(new ExecRequest { Start = start });

    private static ExecRequest Input(StreamInput input) => new() { Input = input };

    private Task InvokeAsync(CancellationToken cancellationToken = default) =>
        _runtime.Streams.Exec(_requests, _responses, new TestCallContext(cancellationToken));

    private void CloseOutputs()
    {
        foreach (Stream output in _runtime.Stdio.Outputs)
        {
            output.Dispose();
        }
    }
}
