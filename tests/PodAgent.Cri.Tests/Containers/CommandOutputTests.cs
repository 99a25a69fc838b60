using System.IO.Pipelines;
using System.Text;
using PodAgent.Cri.Containers;
using PodAgent.Cri.Tests.Fakes;

namespace PodAgent.Cri.Tests.Containers;

public sealed class CommandOutputTests
{
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 0));
    private readonly ManualTime _time = new();
    private readonly byte[] _buffer = new byte[64 << 10];

    [Fact]
    public async Task Read_LastWriterGone_IsTheEnd()
    {
        using CommandOutput output = Open();
        await WriteAsync("abc");
        await _pipe.Writer.CompleteAsync();

        Assert.Equal("abc", await ReadAsync(output));
        Assert.Equal("", await ReadAsync(output));
    }

    [Fact]
    public async Task Read_ChildHoldsTheOutput_EndsAMomentAfterTheCommand()
    {
        using CommandOutput output = Open();
        Task<string> read = ReadAsync(output);
        output.CommandEnded();
        _time.Advance(CommandOutput.Patience / 2);
        Assert.False(read.IsCompleted);

        _time.Advance(CommandOutput.Patience);

        Assert.Equal("", await read);
    }

    [Fact]
    public async Task Read_LongAfterTheCommand_StillGetsWhatItWrote()
    {
        using CommandOutput output = Open();
        await WriteAsync("late");
        output.CommandEnded();
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal("late", await ReadAsync(output));
        Assert.Equal("", await ReadAsync(output));
    }

    [Fact]
    public async Task Read_ChildThatNeverStopsWriting_EndsAfterOnePipe()
    {
        using CommandOutput output = Open();
        output.CommandEnded();
        _time.Advance(CommandOutput.Patience);
        int read = 0;
        for (int count = 1; count > 0; read += count)
        {
            await WriteAsync(new string('y', _buffer.Length));
            count = await output.ReadAsync(_buffer);
        }

        Assert.Equal(1 << 20, read);
    }

    [Fact]
    public async Task Read_Cancelled_IsCancelled()
    {
        using CommandOutput output = Open();
        using var cancel = new CancellationTokenSource();
        Task read = output.ReadAsync(_buffer, cancel.Token).AsTask();

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
    }

    private CommandOutput Open() => new(_pipe.Reader.AsStream(), _time);

    private async Task WriteAsync(string text) => await _pipe.Writer.WriteAsync(Encoding.ASCII.GetBytes(text));

    private async Task<string> ReadAsync(CommandOutput output) => Encoding.ASCII.GetString(_buffer, 0, await output.ReadAsync(_buffer));
}
