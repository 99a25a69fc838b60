using PodAgent.Api.Cri;
using PodAgent.Linux;

namespace PodAgent.Cri.Tests;

public sealed class JoinableOperationsTests
{
    private readonly JoinableOperations _operations = new();

    [Fact]
    public async Task RunAsync_EqualRequest_JoinsTheRunningOne()
    {
        var gate = new TaskCompletionSource<string>();
        int runs = 0;
        Task<string> Body(CancellationToken token)
        {
            runs++;
            return gate.Task;
        }

        Task<string> first = _operations.RunAsync("a", Request("x"), Body, CancellationToken.None);
        Task<string> second = _operations.RunAsync("a", Request("x"), Body, CancellationToken.None);
        gate.SetResult("id");
        Assert.Equal("id", await first);
        Assert.Equal("id", await second);
        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task RunAsync_OtherRequestOfThatName_IsRefused()
    {
        var gate = new TaskCompletionSource<string>();
        Task<string> first = _operations.RunAsync("a", Request("x"), _ => gate.Task, CancellationToken.None);
        var failure = await Assert.ThrowsAsync<AgentException>(
            () => _operations.RunAsync("a", Request("y"), _ => gate.Task, CancellationToken.None));
        Assert.Equal(ErrorKind.AlreadyExists, failure.Kind);
        gate.SetResult("id");
        await first;
    }

    [Fact]
    public async Task RunAsync_OneOfTwoCallersLeaves_GoesOn()
    {
        var gate = new TaskCompletionSource<string>();
        CancellationToken seen = default;
        Task<string> Body(CancellationToken token)
        {
            seen = token;
            return gate.Task;
        }

        using var leave = new CancellationTokenSource();
        Task<string> first = _operations.RunAsync("a", Request("x"), Body, leave.Token);
        Task<string> second = _operations.RunAsync("a", Request("x"), Body, CancellationToken.None);
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.False(seen.IsCancellationRequested);
        gate.SetResult("id");
        Assert.Equal("id", await second);
    }

    [Fact]
    public async Task RunAsync_RetryDuringRollback_StartsAnewAfterIt()
    {
        var undoing = new TaskCompletionSource();
        var runs = new List<CancellationToken>();
        async Task<string> Body(CancellationToken token)
        {
            runs.Add(token);
            if (runs.Count == 1)
            {
                await Task.WhenAny(Task.Delay(Timeout.Infinite, token));
                await undoing.Task;
                token.ThrowIfCancellationRequested();
            }

            return "second";
        }

        using var leave = new CancellationTokenSource();
        Task<string> first = _operations.RunAsync("a", Request("x"), Body, leave.Token);
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Task<string> retry = _operations.RunAsync("a", Request("x"), Body, CancellationToken.None);
        Assert.Single(runs);
        undoing.SetResult();
        Assert.Equal("second", await retry);
        Assert.Equal(2, runs.Count);
    }

    [Fact]
    public async Task RunAsync_Failure_ReachesEveryCallerAndFreesTheName()
    {
        var gate = new TaskCompletionSource<string>();
        Task<string> first = _operations.RunAsync("a", Request("x"), _ => gate.Task, CancellationToken.None);
        Task<string> second = _operations.RunAsync("a", Request("x"), _ => gate.Task, CancellationToken.None);
        gate.SetException(new AgentException(ErrorKind.Internal, "broken"));
        Assert.Equal("broken", (await Assert.ThrowsAsync<AgentException>(() => first)).Message);
        Assert.Equal("broken", (await Assert.ThrowsAsync<AgentException>(() => second)).Message);
        Assert.Equal("ok", await _operations.RunAsync("a", Request("y"), _ => Task.FromResult("ok"), CancellationToken.None));
    }

    private static StopPodSandboxRequest Request(string value) => new() { PodSandboxId = value };
}
