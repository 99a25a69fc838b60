using PodAgent.Api.Cri;
using PodAgent.Cri.Containers;
using PodAgent.Cri.Tests.Fakes;
using PodAgent.Linux;
using Wire = PodAgent.Containers.Protocol;

namespace PodAgent.Cri.Tests.Containers;

public sealed class ExecSyncTests : IDisposable
{
    private readonly TestRuntime _runtime = new();

    [Fact]
    public async Task InvokeAsync_Command_GivesItsOutputAndExitCode()
    {
        (FakeSupervisor supervisor, string id) = await RunningAsync();
        Wire.ExecRequest? seen = null;
        supervisor.OnExec = (request, _) =>
        {
            seen = request;
            Write(0, "hello");
            Write(1, "oops");
            CloseOutputs();
            supervisor.End(request.Id, 3);
        };
        ExecSyncResponse response = await ExecAsync(id);
        Assert.Equal((3, "hello", "oops"), (response.ExitCode, response.Stdout.ToStringUtf8(), response.Stderr.ToStringUtf8()));
        Assert.Equal((0, 1, false), (seen!.StdoutFd, seen.StderrFd, seen.HasStdinFd));
        Assert.Equal(["echo", "x"], seen.Process.Args);
        Assert.Equal(_runtime.Container(id).Record.Spec.Process.Env, seen.Process.Env);
        Assert.DoesNotContain(_runtime.Cgroups.Existing.Keys, key => key.Contains("exec-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task InvokeAsync_TimeIsUp_EverythingIsKilledAndReapedBeforeItFails()
    {
        (FakeSupervisor supervisor, string id) = await RunningAsync();
        string? exec = null;
        supervisor.OnExec = (request, _) => exec = request.Id;
        string? killed = null;
        _runtime.Cgroups.OnKill = path =>
        {
            killed = path;
            CloseOutputs();
            supervisor.End(exec!, 137);
        };
        Task<ExecSyncResponse> call = ExecAsync(id, timeout: 1);
        _runtime.Time.Advance(TimeSpan.FromSeconds(1));
        var failure = await Assert.ThrowsAsync<AgentException>(() => call.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Equal(ErrorKind.DeadlineExceeded, failure.Kind);
        Assert.EndsWith($"/exec-{exec}", killed, StringComparison.Ordinal);
        Assert.Contains($"forget {exec}", supervisor.Calls);
    }

    [Fact]
    public async Task InvokeAsync_CallerLeaves_CommandIsKilled()
    {
        (FakeSupervisor supervisor, string id) = await RunningAsync();
        string? exec = null;
        supervisor.OnExec = (request, _) => exec = request.Id;
        _runtime.Cgroups.OnKill = _ =>
        {
            CloseOutputs();
            supervisor.End(exec!, 137);
        };
        using var leave = new CancellationTokenSource();
        Task<ExecSyncResponse> call = ExecAsync(id, cancellationToken: leave.Token);
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.NotEmpty(_runtime.Cgroups.Killed);
    }

    [Fact]
    public async Task InvokeAsync_MoreThan16MiB_IsReadToTheEndAndCut()
    {
        (FakeSupervisor supervisor, string id) = await RunningAsync();
        supervisor.OnExec = (request, descriptors) => Task.Run(() =>
        {
            byte[] block = new byte[1 << 20];
            for (int i = 0; i < 20; i++)
            {
                _runtime.Stdio.Outputs[^2].Write(block);
            }

            CloseOutputs();
            supervisor.End(request.Id, 0);
        });
        ExecSyncResponse response = await ExecAsync(id).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(16 << 20, response.Stdout.Length);
    }

    [Fact]
    public async Task InvokeAsync_ChildKeepsTheOutputOpen_EndsWithTheCommand()
    {
        (FakeSupervisor supervisor, string id) = await RunningAsync();
        supervisor.OnExec = (request, _) =>
        {
            Write(0, "started");
            supervisor.End(request.Id, 0);
        };
        Task<ExecSyncResponse> call = ExecAsync(id);
        while (!call.IsCompleted)
        {
            _runtime.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Equal("started", (await call).Stdout.ToStringUtf8());
    }

    [Fact]
    public async Task InvokeAsync_NotRunning_IsRefused()
    {
        string id = await _runtime.CreateAsync(await _runtime.RunAsync());
        Assert.Equal(ErrorKind.FailedPrecondition, (await Assert.ThrowsAsync<AgentException>(() => ExecAsync(id))).Kind);
    }

    [Fact]
    public async Task InvokeAsync_SupervisorDies_IsUnavailable()
    {
        (FakeSupervisor supervisor, string id) = await RunningAsync();
        supervisor.OnExec = (_, _) => supervisor.Die();
        Assert.Equal(
            ErrorKind.Unavailable,
            (await Assert.ThrowsAsync<AgentException>(() => ExecAsync(id).WaitAsync(TimeSpan.FromSeconds(10)))).Kind);
    }

    public void Dispose() => _runtime.Dispose();

    private async Task<(FakeSupervisor Supervisor, string Id)> RunningAsync()
    {
        string sandbox = await _runtime.RunAsync();
        return (_runtime.Supervisor(sandbox), await _runtime.RunningAsync(sandbox));
    }

    private Task<ExecSyncResponse> ExecAsync(string id, long timeout = 0, CancellationToken cancellationToken = default) =>
        new ExecSync(_runtime.Context, _runtime.Execs).InvokeAsync(
            new ExecSyncRequest { ContainerId = id, Cmd = { "echo", "x" }, Timeout = timeout }, cancellationToken);

    private void Write(int output, string text) => _runtime.Stdio.Outputs[output].Write(System.Text.Encoding.UTF8.GetBytes(text));

    private void CloseOutputs()
    {
        foreach (Stream output in _runtime.Stdio.Outputs)
        {
            output.Dispose();
        }
    }
}
