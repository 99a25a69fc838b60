using PodAgent.Cri.Adapters;
using PodAgent.Cri.Ports;
using PodAgent.Linux;
using PodAgent.Linux.Files;

namespace PodAgent.Cri.Tests.Adapters;

public sealed class KernelStdioTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);
    private readonly KernelStdio _stdio = new();

    [Fact]
    public async Task Output_ReadBeforeWritten_WaitsAndThenEnds()
    {
        using StdioEnd pipe = _stdio.Output();
        byte[] buffer = new byte[100];
        Task<int> read = pipe.Agent.ReadAsync(buffer).AsTask();
        Assert.False(read.IsCompleted);
        FileData.WriteText(pipe.Process, "hello");
        Assert.Equal(5, await read.WaitAsync(s_limit));
        pipe.Process.Dispose();
        Assert.Equal(0, await pipe.Agent.ReadAsync(buffer).AsTask().WaitAsync(s_limit));
    }

    [Fact]
    public async Task Input_MoreThanThePipeHolds_WaitsForTheReader()
    {
        using StdioEnd pipe = _stdio.Input();
        byte[] data = new byte[1 << 20];
        new Random(1).NextBytes(data);
        Task writing = pipe.Agent.WriteAsync(data).AsTask();
        Assert.False(writing.IsCompleted);
        byte[] got = new byte[data.Length];
        for (int at = 0; at < got.Length;)
        {
            int read = await Task.Run(() => FileData.TryRead(pipe.Process, got.AsSpan(at), out _)).WaitAsync(s_limit);
            Assert.True(read > 0);
            at += read;
        }

        await writing.WaitAsync(s_limit);
        Assert.Equal(data, got);
    }

    [Fact]
    public async Task Input_ReaderGone_IsAnIOException()
    {
        using StdioEnd pipe = _stdio.Input();
        pipe.Process.Dispose();
        await Assert.ThrowsAsync<LinuxException>(() => pipe.Agent.WriteAsync(new byte[1]).AsTask());
    }

    [Fact]
    public async Task Read_Cancelled_EndsAndCanBeRepeated()
    {
        using StdioEnd pipe = _stdio.Output();
        using var cancel = new CancellationTokenSource();
        Task<int> read = pipe.Agent.ReadAsync(new byte[10], cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read.WaitAsync(s_limit));
        FileData.WriteText(pipe.Process, "x");
        Assert.Equal(1, await pipe.Agent.ReadAsync(new byte[10]).AsTask().WaitAsync(s_limit));
    }

    [Fact]
    public async Task Read_StreamDisposed_Ends()
    {
        using StdioEnd pipe = _stdio.Output();
        Task<int> read = pipe.Agent.ReadAsync(new byte[10]).AsTask();
        await pipe.Agent.DisposeAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read.WaitAsync(s_limit));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => pipe.Agent.ReadAsync(new byte[10]).AsTask());
    }

    [Fact]
    public async Task Terminal_BothDirections_EndWithTheLastFollower()
    {
        using TerminalEnd terminal = _stdio.Terminal(90, 33);
        byte[] buffer = new byte[100];
        Task<int> read = terminal.Agent.ReadAsync(buffer).AsTask();
        await terminal.Agent.WriteAsync("ab\n"u8.ToArray());

        // The line discipline echoes what is typed.
        Assert.Equal("ab\r\n", System.Text.Encoding.ASCII.GetString(buffer, 0, await read.WaitAsync(s_limit)));
        terminal.Resize(100, 40);
        terminal.Process.Dispose();
        Assert.Equal(0, await terminal.Agent.ReadAsync(buffer).AsTask().WaitAsync(s_limit));
    }

    [Fact]
    public async Task Pipes_ManyAtOnce_AllCarryTheirOwn()
    {
        StdioEnd[] pipes = [.. Enumerable.Range(0, 200).Select(_ => _stdio.Output())];
        byte[][] buffers = [.. pipes.Select(_ => new byte[10])];
        Task<int>[] reads = [.. pipes.Select((pipe, i) => pipe.Agent.ReadAsync(buffers[i]).AsTask())];
        for (int i = 0; i < pipes.Length; i++)
        {
            FileData.WriteText(pipes[i].Process, $"{i}");
        }

        await Task.WhenAll(reads).WaitAsync(s_limit);
        for (int i = 0; i < pipes.Length; i++)
        {
            Assert.Equal($"{i}", System.Text.Encoding.ASCII.GetString(buffers[i], 0, await reads[i]));
            pipes[i].Dispose();
        }
    }

    public void Dispose() => _stdio.Dispose();
}
